package import Foundation
package import HTTPTypes
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A server on 127.0.0.1 and a free port that answers each request byte for byte as it is told, and closes.
package final class LoopbackServer: Sendable {
    /// Where it listens.
    package let port: Int
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// What arrived so far.
    package var requests: [String] { received.withLock(\.self) }

    /// A connection that a test's server writes to.
    package struct Connection {
        fileprivate let descriptor: Int32

        /// Sends a text; `false` when the client has gone.
        @discardableResult
        package func write(_ text: String) -> Bool {
            Array(text.utf8).withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress, bytes.count, LoopbackServer.noSignal) == bytes.count
            }
        }

        /// Waits until more can be sent; `false` when the client has taken nothing for a second.
        package func waitUntilTaken() -> Bool {
            var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return poll(&wish, 1, 1_000) == 1
        }
    }

    /// - Parameter answer: what to send for a request's text; `nil` closes without a word.
    package convenience init(_ answer: @escaping @Sendable (String) -> String?) throws {
        try self.init { request, connection in
            if let text = answer(request) { connection.write(text) }
        }
    }

    /// - Parameters:
    ///   - readsBody: whether the request's body is read before it is answered.
    ///   - serve: answers a request's text; the connection is closed when it returns.
    package init(readsBody: Bool = true, _ serve: @escaping @Sendable (String, Connection) -> Void) throws {
        descriptor = socket(AF_INET, Self.stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else {
                    // Nobody else may: the next server would get the number while this thread still waits at it.
                    close(descriptor)
                    return
                }
                let request = Self.read(connection, readsBody: readsBody)
                self?.received.withLock { $0.append(request) }
                serve(request, Connection(descriptor: connection))
                close(connection)
            }
        }
    }

    /// Stops listening.
    package func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// A request to it.
    package func request(
        _ method: HTTPRequest.Method = .get, _ path: String = "/", _ fields: HTTPFields = [:]
    ) -> HTTPRequest {
        HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:\(port)", path: path, headerFields: fields)
    }

    /// Head and body of one request.
    private static func read(_ connection: Int32, readsBody: Bool) -> String {
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
            if !readsBody || text[end.upperBound...].utf8.count >= expected { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    #if canImport(Glibc)
        private static let stream = Int32(SOCK_STREAM.rawValue)
        private static let noSignal = Int32(MSG_NOSIGNAL)
    #else
        // This was neither compiled nor run on an Apple platform yet.
        private static let stream = SOCK_STREAM
        private static let noSignal = Int32(0)
    #endif
}

/// Waits for a server's thread, on a thread of its own, for up to a minute.
package func waited(for semaphore: DispatchSemaphore) async -> Bool {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: semaphore.wait(timeout: .now() + 60) == .success) }
    }
}
