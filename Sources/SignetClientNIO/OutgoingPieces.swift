import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import SignetClient

/// A request's body, piece by piece as the server takes it.
///
/// Bytes in memory go this way too: a body in one piece could be sent a second time, to where a redirect leads.
struct OutgoingPieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private enum Source: Sendable {
        case data(Data)
        case file(FileHandle)
    }

    private static let pieceLength = 64 * 1024

    private let source: Source
    private let length: Int
    private let silence: Silence

    /// The body for async-http-client; `nil` when there is none.
    /// - Parameter silence: hears of each piece that is taken.
    /// - Throws: ``SignetClient/TransportError`` when the file cannot be read.
    static func of(_ body: RequestBody, breaking silence: Silence) throws(TransportError) -> HTTPClientRequest.Body? {
        let pieces: OutgoingPieces
        switch body {
        case .empty: return nil
        case .data(let data): pieces = OutgoingPieces(source: .data(data), length: data.count, silence: silence)
        case .file(let url):
            guard let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey]), values.isRegularFile == true,
                let length = values.fileSize, let file = try? FileHandle(forReadingFrom: url)
            else {
                throw .unreadableFile
            }
            pieces = OutgoingPieces(source: .file(file), length: length, silence: silence)
        }
        return pieces.length == 0 ? nil : .stream(pieces, length: .known(Int64(pieces.length)))
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: self)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let pieces: OutgoingPieces
        private var sent = 0

        fileprivate init(pieces: OutgoingPieces) {
            self.pieces = pieces
        }

        mutating func next() async throws -> ByteBuffer? {
            pieces.silence.sign()
            let count = Swift.min(OutgoingPieces.pieceLength, pieces.length - sent)
            guard count > 0 else { return nil }
            let piece = try await pieces.piece(at: sent, count)
            sent += piece.readableBytes
            return piece
        }
    }

    private func piece(at offset: Int, _ count: Int) async throws -> ByteBuffer {
        switch source {
        case .data(let data): return ByteBuffer(bytes: data.dropFirst(offset).prefix(count))
        case .file(let file):
            // Disks block, and nobody else should wait for them.
            let piece = try? await NIOThreadPool.singleton.runIfActive { try file.read(upToCount: count) }
            // Shorter than it was when its length was told to the server.
            guard let piece, !piece.isEmpty else { throw TransportError.unreadableFile }
            return ByteBuffer(bytes: piece)
        }
    }
}
