import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Listens on 127.0.0.1 and a free port until one request has come that is waited for.
///
/// It runs on a thread of its own that sleeps in `poll`. All connections are read side by side: browsers open some that never say
/// anything, and those must not hold up the one that does.
final class LoopbackListener: Sendable {
    /// The port that the system gave.
    let port: UInt16

    private let page: LoopbackPage
    private let wakeReader: Int32
    private let wakeWriter: Int32
    /// `nil` once it has been used.
    private let socket: Mutex<Int32?>

    private static let connectionLimit = 32

    /// - Throws: ``TransportError`` when nothing can listen.
    init(page: LoopbackPage) throws(TransportError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TransportError("nothing can listen on this machine (\(errno))") }
        guard let (descriptor, port) = Self.listen() else {
            let code = errno
            for end in ends { close(end) }
            throw TransportError("nothing can listen on this machine (\(code))")
        }
        // The browser that is started next need not hold these open.
        for inherited in ends + [descriptor] { _ = fcntl(inherited, F_SETFD, FD_CLOEXEC) }
        self.page = page
        self.port = port
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        socket = Mutex(descriptor)
    }

    deinit {
        if let descriptor = socket.withLock(\.self) { close(descriptor) }
        close(wakeReader)
        close(wakeWriter)
    }

    /// The target of the first request that `isAwaited` takes; then nothing listens any more.
    /// - Throws: ``TransportError``; `CancellationError`.
    func firstTarget(where isAwaited: @escaping @Sendable (String) -> Bool) async throws -> String {
        let taken = socket.withLock { socket in
            defer { socket = nil }
            return socket
        }
        guard let descriptor = taken else { throw TransportError("this port was used for another sign-in") }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { [self] in
                    continuation.resume(with: Result { try serve(descriptor, isAwaited) })
                }
            }
        } onCancel: {
            var byte: UInt8 = 0
            _ = write(wakeWriter, &byte, 1)
        }
    }

    private func serve(_ descriptor: Int32, _ isAwaited: (String) -> Bool) throws -> String {
        var connections: [LoopbackConnection] = []
        defer {
            for connection in connections { connection.end() }
            close(descriptor)
        }
        while true {
            var watched = ([wakeReader, descriptor] + connections.map(\.descriptor)).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&watched, nfds_t(watched.count), -1) > 0 else {
                guard errno == EINTR else { throw TransportError("the port cannot be read (\(errno))") }
                continue
            }
            if watched[0].revents != 0 { throw CancellationError() }

            for index in connections.indices.reversed() where watched[index + 2].revents != 0 {
                guard connections[index].read() else { continue }
                let connection = connections.remove(at: index)
                defer { connection.end() }
                guard let target = connection.target else { continue }
                guard isAwaited(target) else {
                    connection.answer(page.notFound)
                    continue
                }
                connection.answer(page.found)
                return target
            }
            if watched[1].revents != 0, let connection = LoopbackConnection(acceptedBy: descriptor) {
                // Whoever has been silent for longest gives way.
                if connections.count == Self.connectionLimit { connections.removeFirst().end() }
                connections.append(connection)
            }
        }
    }

    private static func listen() -> (Int32, UInt16)? {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = systemSocket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && systemListen(descriptor, 128) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        // A caller who has hung up again must not make `accept` wait for the next one.
        guard isListening, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            close(descriptor)
            return nil
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// The system's `listen`, where a method hides its name.
private func systemSocket(_ domain: Int32, _ type: Int32, _ protocol: Int32) -> Int32 { socket(domain, type, `protocol`) }
private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }
