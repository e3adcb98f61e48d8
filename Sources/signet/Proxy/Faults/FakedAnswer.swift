import NIOCore
import NIOHTTP1

/// What something between client and server answers in the server's place: never Signet's JSON, so it says nothing about the session.
enum FakedAnswer: Hashable, Sendable {
    /// A gateway's error page with this status, from 400 to 599.
    case status(Int)
    /// A captive portal's page: 200, in HTML.
    case portal
    /// 302 to a captive portal.
    case redirect

    /// Whether the server does its work before it is answered like this: a gateway that waited too long has sent the request on.
    var reachesServer: Bool { self == .status(504) }

    /// Its head and its body.
    var answer: (head: HTTPResponseHead, body: ByteBuffer) {
        switch self {
        case .status(let code):
            let status = HTTPResponseStatus(statusCode: code)
            let page = Self.page("\(code) \(status.reasonPhrase)", "The gateway has no better answer.")
            return Self.html(status, page, code == 503 || code == 429 ? ["Retry-After": "1"] : [:])
        case .portal: return Self.html(.ok, Self.page("Welcome", "Please accept our terms to use this network."))
        case .redirect:
            return Self.html(.found, Self.page("Found", "Please sign in."), ["Location": "https://portal.invalid/login"])
        }
    }

    private static func html(
        _ status: HTTPResponseStatus, _ page: String, _ fields: HTTPHeaders = [:]
    ) -> (head: HTTPResponseHead, body: ByteBuffer) {
        var headers: HTTPHeaders = ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"]
        headers.add(contentsOf: fields)
        return (HTTPResponseHead(version: .http1_1, status: status, headers: headers), ByteBuffer(string: page))
    }

    private static func page(_ title: String, _ text: String) -> String {
        "<!doctype html><html><head><title>\(title)</title></head><body><h1>\(title)</h1><p>\(text)</p></body></html>\n"
    }
}
