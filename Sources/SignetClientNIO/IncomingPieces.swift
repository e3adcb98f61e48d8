import AsyncHTTPClient
import Foundation
import NIOCore
import SignetClient

/// The body of an answer, taken from the connection piece by piece as it is read, so that a slow reader slows the sender down.
///
/// Whoever lets go of it before its end closes the exchange.
struct IncomingPieces: AsyncSequence, Sendable {
    private let reader: Reader

    /// - Parameters:
    ///   - patience: after how long without a piece to give up.
    ///   - limit: the longest body that is taken, in bytes.
    init(_ body: HTTPClientResponse.Body, patience: Duration, limit: Int?) {
        reader = Reader(body, patience: patience, limit: limit)
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: Reader

        mutating func next() async throws -> Data? {
            try await reader.next()
        }
    }

    /// Reads on behalf of every iterator: the body itself ends the process when it is asked for a second one.
    fileprivate actor Reader {
        private var iterator: HTTPClientResponse.Body.AsyncIterator
        private let patience: Duration
        private let limit: Int?
        private var received = 0

        init(_ body: HTTPClientResponse.Body, patience: Duration, limit: Int?) {
            iterator = body.makeAsyncIterator()
            self.patience = patience
            self.limit = limit
        }

        func next() async throws -> Data? {
            try await translatingErrors {
                guard let piece = try await withTimeLimit(patience, { try await self.read() }) else { return nil }
                received += piece.readableBytes
                if let limit, received > limit { throw TransportError.tooLong(limit) }
                return Data(piece.readableBytesView)
            }
        }

        private func read() async throws -> ByteBuffer? {
            var iterator = iterator
            return try await iterator.next(isolation: self)
        }
    }
}
