public import Foundation

/// The body of an answer, piece by piece as it arrives.
///
/// It is read once. Whoever lets go of it before its end closes the exchange.
public struct ResponseBody: AsyncSequence, Sendable {
    private let pieces: any AsyncSequence<Data, any Error> & Sendable

    /// A body that arrives in pieces.
    /// - Parameter pieces: throws what breaks the answer, best a ``TransportError``.
    public init(_ pieces: some AsyncSequence<Data, any Error> & Sendable) {
        self.pieces = pieces
    }

    /// A body that is there already.
    public init(_ data: Data) {
        pieces = AsyncThrowingStream { stream in
            if !data.isEmpty { stream.yield(data) }
            stream.finish()
        }
    }

    /// The whole body.
    /// - Throws: what breaks it.
    public func collect() async throws -> Data {
        var whole = Data()
        for try await piece in self {
            // Most answers come in one piece, which need not be copied.
            if whole.isEmpty { whole = piece } else { whole.append(piece) }
        }
        return whole
    }

    /// An iterator over the pieces.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: pieces.makeAsyncIterator())
    }

    /// Gives one piece after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pieces: any AsyncIteratorProtocol<Data, any Error>

        /// The next piece; `nil` at the end.
        public mutating func next() async throws -> Data? {
            if let piece = try await pieces.next(isolation: #isolation) { return piece }
            // Streams end for a reader who is cancelled; what came so far must not pass for the whole.
            try Task.checkCancellation()
            return nil
        }
    }
}
