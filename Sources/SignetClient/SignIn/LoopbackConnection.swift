#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One connection of a ``LoopbackListener``: a request's head is read from it, one answer is written.
struct LoopbackConnection {
    let descriptor: Int32
    private var head: [UInt8] = []

    private static let lengthLimit = 16_384

    /// The next connection that waits; `nil` when there is none any more.
    init?(acceptedBy listener: Int32) {
        let accepted = accept(listener, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            // Neither compiled nor run on an Apple platform yet.
            var isOn: Int32 = 1
            setsockopt(accepted, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
        #endif
        descriptor = accepted
    }

    /// Reads what has come.
    /// - Returns: whether there is nothing more to read: the head is whole, too long, or will never be.
    mutating func read() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count == 0 || (errno != EAGAIN && errno != EINTR) }
        head += chunk.prefix(count)
        return head.count > Self.lengthLimit || isWhole
    }

    /// What the request asks for (RFC 9112, section 3.2.1); `nil` unless it is a whole GET request.
    var target: String? {
        guard isWhole else { return nil }
        let line = head.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard line.count == 3, line[0].elementsEqual("GET".utf8), line[1].first == UInt8(ascii: "/"),
            line[1].allSatisfy({ (0x21...0x7E).contains($0) }), line[2].starts(with: "HTTP/1.".utf8)
        else {
            return nil
        }
        return String(decoding: line[1], as: UTF8.self)
    }

    /// Writes an answer, which is short enough for the system to take it at once.
    func answer(_ bytes: [UInt8]) {
        #if canImport(Darwin)
            _ = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT))
        #else
            _ = send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        #endif
    }

    /// Closes it.
    func end() {
        close(descriptor)
    }

    private var isWhole: Bool { head.firstRange(of: Array("\r\n\r\n".utf8)) != nil }
}
