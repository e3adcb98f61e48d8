import Foundation
import HTTPTypes

/// Where a Signet server is, and the requests that go to it.
struct ServerAddress: Sendable {
    /// The server's URL without a slash at its end: what is written beside the tokens that are its own.
    let name: String
    /// `nil` when the URL has none, and then nothing is ever sent.
    let origin: Origin?

    private let basePath: String

    init(_ url: URL) {
        var name = url.absoluteString
        while name.hasSuffix("/") { name.removeLast() }
        self.name = name
        origin = Origin(url)
        var path = url.path(percentEncoded: true)
        while path.hasSuffix("/") { path.removeLast() }
        basePath = path
    }

    /// A request to one of the server's own doors.
    /// - Throws: ``SignetClientError/insecure(_:)``, before anything secret is put into it.
    func request(
        _ method: HTTPRequest.Method, _ path: String, _ fields: HTTPFields = [:]
    ) throws(SignetClientError) -> HTTPRequest {
        guard let origin, origin.isConfidential else { throw .insecure(origin?.description ?? "this address") }
        return HTTPRequest(
            method: method, scheme: origin.scheme, authority: origin.authority, path: basePath + path, headerFields: fields)
    }
}

/// `application/x-www-form-urlencoded`, with everything escaped that is not unreserved.
/// - Parameter optional: fields that are left out where they have no value.
func formEncoded(_ fields: KeyValuePairs<String, String>, optional: KeyValuePairs<String, String?> = [:]) -> Data {
    let present = optional.compactMap { name, value in value.map { (key: name, value: $0) } }
    return Data(
        (Array(fields) + present).map { "\(percentEncoded($0.key))=\(percentEncoded($0.value))" }.joined(separator: "&").utf8)
}

/// A text with everything escaped that is not unreserved (RFC 3986, section 2.3).
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            String(UnicodeScalar(byte))
        default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
