import Foundation

/// The bytes of an answer as they arrive; ``lines`` gives them as text.
///
/// They are read once. Whoever lets go of them before their end closes the exchange.
public struct ResponseBytes: AsyncSequence, Sendable {
    private let body: ResponseBody

    init(_ body: ResponseBody) {
        self.body = body
    }

    /// The lines, as UTF-8, without what ends them: a line feed, a carriage return, or both. An empty line is a line.
    public var lines: ResponseLines { ResponseLines(self) }

    /// An iterator over the bytes.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: body.makeAsyncIterator())
    }

    /// Gives one byte after another.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var pieces: ResponseBody.AsyncIterator
        private var piece = Data()[...]

        init(pieces: ResponseBody.AsyncIterator) {
            self.pieces = pieces
        }

        /// The next byte; `nil` at the end.
        /// - Throws: ``SignetClientError/network(_:)`` when the answer breaks off; `CancellationError`.
        public mutating func next() async throws -> UInt8? {
            while true {
                if let byte = piece.popFirst() { return byte }
                guard let next = try await pieces.nextOrNetworkError() else { return nil }
                piece = next
            }
        }
    }
}

extension ResponseBody.AsyncIterator {
    /// The next piece, with what breaks the answer as one of the client's own errors.
    mutating func nextOrNetworkError() async throws -> Data? {
        do {
            return try await next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SignetClientError.noAnswer(error)
        }
    }
}
