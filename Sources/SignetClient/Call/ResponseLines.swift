/// The lines of an answer as they arrive; see ``ResponseBytes/lines``.
public struct ResponseLines: AsyncSequence, Sendable {
    private let bytes: ResponseBytes

    init(_ bytes: ResponseBytes) {
        self.bytes = bytes
    }

    /// An iterator over the lines.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(bytes: bytes.makeAsyncIterator())
    }

    /// Gives one line after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var bytes: ResponseBytes.AsyncIterator
        private var hasReturned = false

        init(bytes: ResponseBytes.AsyncIterator) {
            self.bytes = bytes
        }

        /// The next line; `nil` at the end.
        /// - Throws: ``SignetClientError/network(_:)`` when the answer breaks off; `CancellationError`.
        public mutating func next() async throws -> String? {
            var line: [UInt8] = []
            while let byte = try await bytes.next() {
                // A line feed after a carriage return belongs to it; to wait for it would hold the line back.
                let belongsToLast = hasReturned && byte == UInt8(ascii: "\n")
                hasReturned = byte == UInt8(ascii: "\r")
                if belongsToLast { continue }
                if hasReturned || byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
                line.append(byte)
            }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }
}
