import Foundation
import NIOPosix
import Synchronization

/// Many readers of the feed, each on a connection of its own and all on one thread: POSIX sockets and poll(2).
final class FeedCrowd: Sendable {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    private struct Reader {
        let descriptor: Int32
        var received: [UInt8] = []
    }

    private let readers: Mutex<[Reader]>

    /// Opens `count` connections to a server on 127.0.0.1, and sends the same request on each.
    static func run<Result>(
        of count: Int, port: Int, request: String, _ body: (FeedCrowd) async throws -> Result
    ) async throws -> Result {
        let crowd = try await NIOThreadPool.singleton.runIfActive {
            try FeedCrowd((0..<count).map { _ in try Socket.connect(port: port, sending: request) })
        }
        defer { crowd.close() }
        return try await body(crowd)
    }

    /// Waits until each has received `mark`, and says when that was; those who have not within the limit are left out.
    ///
    /// What came before does not count.
    func read(until mark: String, within limit: Duration) async throws -> [ContinuousClock.Instant] {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            try readers.withLock { try Self.read(&$0, until: Array(mark.utf8), within: limit) }
        }
    }

    private init(_ descriptors: [Int32]) {
        readers = Mutex(descriptors.map { Reader(descriptor: $0) })
    }

    private func close() {
        readers.withLock { readers in
            for reader in readers { Foundation.close(reader.descriptor) }
            readers = []
        }
    }

    private static func read(
        _ readers: inout [Reader], until mark: [UInt8], within limit: Duration
    ) throws -> [ContinuousClock.Instant] {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var moments: [ContinuousClock.Instant] = []
        var waiting = readers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while moments.count < readers.count, ContinuousClock.now < deadline {
            guard poll(&waiting, nfds_t(waiting.count), 100) >= 0 || errno == EINTR else {
                throw Failure(call: "poll", code: errno)
            }
            for index in waiting.indices where waiting[index].fd >= 0 && waiting[index].revents != 0 {
                let count = recv(readers[index].descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { throw Failure(call: "recv", code: count == 0 ? ECONNRESET : errno) }
                readers[index].received += buffer.prefix(count)
                guard readers[index].received.contains(mark) else { continue }
                moments.append(.now)
                readers[index].received = []
                // A negative descriptor is passed over.
                waiting[index].fd = -1
            }
        }
        return moments
    }
}

/// One connection that a test holds without reading it, or reads itself.
enum Socket {
    /// Connects to a server on 127.0.0.1 and sends.
    ///
    /// - Parameter receiveBuffer: how many bytes the system takes in that nobody reads; its own choice when left out.
    static func connect(port: Int, sending text: String, receiveBuffer: Int32? = nil) throws(FeedCrowd.Failure) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw FeedCrowd.Failure(call: "socket", code: errno) }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let bytes = Array(text.utf8)
        guard isConnected, send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            let code = errno
            Foundation.close(descriptor)
            throw FeedCrowd.Failure(call: "connect", code: code)
        }
        return descriptor
    }
}
