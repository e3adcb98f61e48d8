import NIOCore

/// Moves a client's acknowledgements of settings (RFC 9113, section 6.5.3) to the front of what it sends: behind its own settings,
/// which come first in any case (section 3.4). All other bytes stay as they are and where they are.
struct HTTP2Acknowledgements {
    /// A SETTINGS frame without payload whose flag says ACK.
    private static let frame: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]
    private static let headLength = 9
    /// `PRI * HTTP/2.0`, with which every client begins.
    private static let prefaceLength = 24

    private let count: Int
    /// How many of the client's are still to be taken out.
    private var expected: Int
    private var areGiven = false
    /// The preface, or the rest of the frame that is being passed on.
    private var passing = prefaceLength
    private var framesBegun = 0
    private var unread = ByteBuffer()

    /// - Parameter count: how many acknowledgements the client owes.
    init(count: Int) {
        self.count = count
        expected = count
    }

    /// What of the bytes so far can be passed on, in its new order.
    mutating func reordered(_ bytes: ByteBuffer) -> ByteBuffer {
        unread.writeImmutableBuffer(bytes)
        guard expected > 0 else {
            defer { unread.clear() }
            return unread
        }
        var result = ByteBuffer()
        while expected > 0, step(into: &result) {}
        // Afterwards nothing is looked at any more.
        if expected == 0 { result.writeBuffer(&unread) }
        unread.discardReadBytes()
        return result
    }

    /// - Returns: whether there may be more to do.
    private mutating func step(into result: inout ByteBuffer) -> Bool {
        if passing > 0 {
            guard var part = unread.readSlice(length: min(passing, unread.readableBytes)), part.readableBytes > 0 else {
                return false
            }
            passing -= part.readableBytes
            result.writeBuffer(&part)
            return passing == 0
        }
        if framesBegun == 1, !areGiven {
            areGiven = true
            for _ in 0..<count { result.writeBytes(Self.frame) }
        }
        guard let head = unread.getBytes(at: unread.readerIndex, length: Self.headLength) else { return false }
        if areGiven, head == Self.frame {
            unread.moveReaderIndex(forwardBy: Self.headLength)
            expected -= 1
        } else {
            passing = Self.headLength + Int(head[0]) << 16 + Int(head[1]) << 8 + Int(head[2])
            framesBegun += 1
        }
        return true
    }
}
