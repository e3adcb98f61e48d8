import NIOCore
import Testing

@testable import SignetServer

@Suite("A client's acknowledgements over HTTP/2")
struct HTTP2AcknowledgementsTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0]
    private static let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]
    /// Its payload looks like an acknowledgement.
    private static let ping: [UInt8] = [0, 0, 9, 6, 0, 0, 0, 0, 0] + acknowledgement
    private static let data: [UInt8] = [0, 1, 0, 0, 1, 0, 0, 0, 3] + [UInt8](repeating: 7, count: 256)

    @Test("stand right behind its settings, in whatever pieces they come", arguments: [1, 2, 5, 9, 24, 39, 1_000])
    func moves(pieceLength: Int) {
        let sent = [Self.preface, Self.settings, Self.ping, Self.acknowledgement, Self.data, Self.acknowledgement, Self.ping]

        let read = reordered(Array(sent.joined()), inPiecesOf: pieceLength)

        let expected = [
            Self.preface, Self.settings, Self.acknowledgement, Self.acknowledgement, Self.ping, Self.data, Self.ping,
        ]
        #expect(read == Array(expected.joined()))
    }

    @Test("are given before the client sends more than its settings")
    func givesEarly() {
        let read = reordered(Self.preface + Self.settings, inPiecesOf: 100)

        #expect(read == Self.preface + Self.settings + Self.acknowledgement + Self.acknowledgement)
    }

    @Test("that it does not owe stay where they are, for the protocol's own rules to judge")
    func leavesOthers() {
        let twice = Self.acknowledgement + Self.acknowledgement

        let tooMany = reordered(Self.preface + Self.settings + twice + Self.ping + Self.acknowledgement, inPiecesOf: 7)
        let tooEarly = reordered(Self.preface + Self.acknowledgement, inPiecesOf: 7)

        #expect(tooMany == Self.preface + Self.settings + twice + Self.ping + Self.acknowledgement)
        #expect(tooEarly.starts(with: Self.preface + Self.acknowledgement))
    }

    private func reordered(_ bytes: [UInt8], inPiecesOf length: Int) -> [UInt8] {
        var acknowledgements = HTTP2Acknowledgements(count: 2)
        return stride(from: 0, to: bytes.count, by: length).flatMap { start in
            let piece = ByteBuffer(bytes: bytes[start..<min(start + length, bytes.count)])
            return Array(acknowledgements.reordered(piece).readableBytesView)
        }
    }
}
