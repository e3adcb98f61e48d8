public import HTTPTypes
public import Hummingbird
import NIOCore
public import SignetTokens

/// An error as `application/problem+json` (RFC 9457); throw it from a handler, or answer with it.
public struct Problem: HTTPResponseError {
    /// The answer's status.
    public let status: HTTPResponse.Status
    /// Header fields beside the content type.
    public let headers: HTTPFields
    /// One sentence about this occurrence, for the developer on the other side; nothing secret, no file names, no SQL.
    public let detail: String?
    /// Further members, such as `errors`.
    public let extensions: JSONObject

    /// A problem that is sufficiently described by its status, and by a sentence.
    public init(
        _ status: HTTPResponse.Status, _ detail: String? = nil, headers: HTTPFields = [:], extensions: JSONObject = JSONObject()
    ) {
        self.status = status
        self.detail = detail
        self.headers = headers
        self.extensions = extensions
    }

    /// The answer.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        response
    }

    var response: Response {
        // Without a type of its own, a problem's title is the status phrase (section 4.2.1).
        var members = JSONObject()
        members["type"] = "about:blank"
        members["title"] = .string(status.reasonPhrase)
        members["status"] = .integer(Int64(status.code))
        members["detail"] = detail.map(JSONValue.string)
        for member in extensions.members { members[member.name] = member.value }

        var headers = headers
        headers[.contentType] = "application/problem+json"
        // Errors about credentials concern one caller alone.
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONValue.object(members).bytes)))
    }
}
