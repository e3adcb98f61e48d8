import HTTPTypes
import Hummingbird
import NIOCore
import SignetSessions

extension Request {
    /// The body, all of it.
    ///
    /// Hummingbird takes the end of a connection for the end of a body, and half a form can read like a whole one: a renewal cut off
    /// before its idempotency key would count as one without. So the length must be what was announced.
    /// - Throws: ``BodyCutShort``, or what answers 413.
    func wholeBody(upTo limit: Int) async throws -> [UInt8] {
        let announced = headers[.contentLength].flatMap { Int($0) }
        // Nothing is read of what is too long by its own account.
        guard announced ?? 0 <= limit else { throw NIOTooManyBytesError(maxBytes: limit) }
        var request = self
        let body = try await request.collectBody(upTo: limit)
        guard announced ?? body.readableBytes == body.readableBytes else { throw BodyCutShort() }
        return Array(body.readableBytesView)
    }
}

/// The connection ended before the body did.
struct BodyCutShort: Refusal {
    var code: RefusalCode { .invalidRequest }
    var sentence: String { "The body is shorter than its Content-Length." }
    var reason: String { "body_cut_short" }
    var tellsReason: Bool { false }
}

extension HTTPFields {
    /// The media type of the body, in lower case and without parameters; `nil` when there is none, or more than one.
    var mediaType: String? {
        let values = self[values: .contentType]
        guard values.count == 1 else { return nil }
        return values[0].split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first?
            .trimmingPrefix { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            .map { $0.lowercased() }.joined()
    }
}
