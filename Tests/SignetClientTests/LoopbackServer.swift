import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A server on 127.0.0.1 and a free port that gives each request one prepared text, byte for byte, and closes.
final class LoopbackServer: Sendable {
    let port: Int
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// What arrived so far.
    var requests: [String] { received.withLock(\.self) }

    /// A connection that a test's server writes to.
    struct Connection {
        fileprivate let descriptor: Int32

        /// Sends a text; `false` when the client has gone.
        @discardableResult
        func write(_ text: String) -> Bool {
            Array(text.utf8).withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
            }
        }
    }

    /// - Parameter answer: what to send for a request's text; `nil` closes without a word.
    convenience init(_ answer: @escaping @Sendable (String) -> String?) throws {
        try self.init { request, connection in
            if let text = answer(request) { connection.write(text) }
        }
    }

    /// - Parameter serve: answers a request's text; the connection is closed when it returns.
    init(_ serve: @escaping @Sendable (String, Connection) -> Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                let request = Self.read(connection)
                self?.received.withLock { $0.append(request) }
                serve(request, Connection(descriptor: connection))
                close(connection)
            }
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Head and body of one request.
    private static func read(_ connection: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let field = text.range(of: "content-length: ", options: .caseInsensitive)
            let expected = field.flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
            if text[end.upperBound...].utf8.count >= expected { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
