import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// A request's JSON object, read by the one strict reader; members that Signet does not know are ignored.
struct JSONBody: Sendable {
    private static let maximumLength = 64 * 1024

    private let object: JSONObject

    /// Reads the body of a request.
    /// - Throws: ``JSONBodyRefusal``, or the limits' answers.
    init(reading request: Request) async throws {
        guard request.headers.mediaType == "application/json" else { throw JSONBodyRefusal.notJSON }
        let body = try await request.wholeBody(upTo: Self.maximumLength)
        guard let object = (try? JSONValue(parsing: body))?.object else { throw JSONBodyRefusal.malformed }
        self.object = object
    }

    /// A member that must be a string, if it is there and not null.
    func optional(_ name: String) throws(JSONBodyRefusal) -> String? {
        switch object[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw .wrongType(name)
        }
    }

    /// Likewise, for what must not be printed.
    func optionalSecret(_ name: String) throws(JSONBodyRefusal) -> Secret<String>? {
        try optional(name).map { Secret($0) }
    }

    /// A member that must be there.
    func required(_ name: String) throws(JSONBodyRefusal) -> String {
        guard let text = try optional(name) else { throw .missing(name) }
        return text
    }
}

/// Why a JSON body is not accepted.
enum JSONBodyRefusal: Refusal, Equatable {
    case notJSON, malformed
    case missing(String), wrongType(String), unreadable(String)

    var code: RefusalCode { .invalidRequest }

    var sentence: String {
        switch self {
        case .notJSON: "Send a JSON object as application/json."
        case .malformed: "The body is not a well-formed JSON object."
        case .missing(let name): "The member \(name) is missing."
        case .wrongType(let name): "The member \(name) must be a string."
        case .unreadable(let name): "The member \(name) is malformed."
        }
    }

    var reason: String {
        switch self {
        case .notJSON: "not_json"
        case .malformed: "malformed"
        case .missing: "missing_member"
        case .wrongType: "wrong_type"
        case .unreadable: "malformed_member"
        }
    }

    var tellsReason: Bool { false }
}
