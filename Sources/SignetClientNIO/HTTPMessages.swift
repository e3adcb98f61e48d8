import AsyncHTTPClient
import HTTPTypes
import NIOHTTP1

// The same messages in the types of both libraries.

extension HTTPClientRequest {
    /// A request without its body; `nil` when it does not say where it goes.
    init?(_ request: HTTPRequest) {
        guard let scheme = request.scheme, let authority = request.authority else { return nil }
        self.init(url: "\(scheme)://\(authority)\(request.path ?? "/")")
        method = HTTPMethod(rawValue: request.method.rawValue)
        headers = HTTPHeaders(request.headerFields)
    }
}

extension HTTPResponse {
    /// An answer without its body.
    init(_ response: HTTPClientResponse) {
        let status = Status(code: Int(response.status.code), reasonPhrase: response.status.reasonPhrase)
        self.init(status: status, headerFields: HTTPFields(response.headers))
    }
}

extension HTTPClientResponse {
    /// An answer without its body.
    init(_ response: HTTPResponse) {
        let status = HTTPResponseStatus(statusCode: response.status.code, reasonPhrase: response.status.reasonPhrase)
        self.init(status: status, headers: HTTPHeaders(response.headerFields))
    }
}

extension HTTPFields {
    init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}

extension HTTPHeaders {
    fileprivate init(_ fields: HTTPFields) {
        self.init(fields.map { ($0.name.rawName, $0.value) })
    }
}
