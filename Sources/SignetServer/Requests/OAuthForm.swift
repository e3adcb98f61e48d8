import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// The one reader of forms (RFC 6749, appendix B): at most 64 KiB and 64 fields, UTF-8, no field twice, and every value a secret.
struct OAuthForm: Sendable {
    private static let maximumLength = 64 * 1024
    private static let maximumFields = 64
    /// Only these may be there several times (RFC 8707, section 2; RFC 8693, section 2.1).
    private static let repeatable: Set<String> = ["resource", "audience"]

    private let fields: [String: [Secret<String>]]

    /// Reads the body of a request.
    /// - Throws: ``FormRefusal``, or the limits' answers.
    init(reading request: Request) async throws {
        guard request.headers.mediaType == "application/x-www-form-urlencoded" else { throw FormRefusal.notAForm }
        try self.init(parsing: await request.wholeBody(upTo: Self.maximumLength))
    }

    /// Reads a body's bytes.
    /// - Throws: ``FormRefusal``.
    init(parsing body: [UInt8]) throws(FormRefusal) {
        var fields: [String: [Secret<String>]] = [:]
        let pairs = body.split(separator: UInt8(ascii: "&"))
        guard pairs.count <= Self.maximumFields else { throw .tooManyFields }
        for pair in pairs {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(sides[0]), let value = Self.decode(sides.count > 1 ? sides[1] : []) else {
                throw .malformed
            }
            guard fields[name] == nil || Self.repeatable.contains(name) else { throw .twice(name) }
            // An empty value counts as none at all (RFC 6749, section 3.2), but not as permission to send the field again.
            fields[name, default: []] += value.isEmpty ? [] : [Secret(value)]
        }
        self.fields = fields
    }

    /// A field's value, if it is there and not empty.
    func optional(_ name: String) -> Secret<String>? {
        fields[name]?.first
    }

    /// A field's value.
    /// - Throws: ``FormRefusal``, `missing`.
    func required(_ name: String) throws(FormRefusal) -> Secret<String> {
        guard let value = optional(name) else { throw .missing(name) }
        return value
    }

    /// A field that is nothing to hide.
    func plain(_ name: String) -> String? {
        optional(name)?.reveal { String($0) }
    }

    /// All values of a field that may repeat, none of them secret, each once.
    func plainValues(_ name: String) -> [String] {
        (fields[name] ?? []).map { $0.reveal { String($0) } }.reduce(into: []) { values, value in
            if !values.contains(value) { values.append(value) }
        }
    }

    /// The text that a form-encoded one stands for; `nil` for broken escapes, NUL and what is not UTF-8.
    static func decode(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(), let value = hexValue(high, low) else { return nil }
                bytes.append(value)
            default: bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ high: UInt8, _ low: UInt8) -> UInt8? {
        guard high < 0x80, low < 0x80, let high = Character(Unicode.Scalar(high)).hexDigitValue,
            let low = Character(Unicode.Scalar(low)).hexDigitValue
        else { return nil }
        return UInt8(high << 4 | low)
    }
}

/// Why a form is not accepted.
enum FormRefusal: Refusal, Equatable {
    case notAForm, malformed, tooManyFields
    case missing(String), twice(String), unreadable(String)

    var code: RefusalCode { .invalidRequest }

    var sentence: String {
        switch self {
        case .notAForm: "Send the parameters as application/x-www-form-urlencoded in the body."
        case .malformed: "The body is not a well-formed form."
        case .tooManyFields: "The form has too many fields."
        case .missing(let name): "The parameter \(name) is missing."
        // The name came from the request, so it is not repeated to it.
        case .twice: "A parameter is there twice."
        case .unreadable(let name): "The parameter \(name) is malformed."
        }
    }

    var reason: String {
        switch self {
        case .notAForm: "not_a_form"
        case .malformed: "malformed"
        case .tooManyFields: "too_many_fields"
        case .missing: "missing_parameter"
        case .twice: "repeated_parameter"
        case .unreadable: "malformed_parameter"
        }
    }

    var tellsReason: Bool { false }
}
