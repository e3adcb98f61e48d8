import Foundation
import HTTPTypes

/// A request, and where an answer sends it on to, as browsers do it (WHATWG Fetch, "HTTP-redirect fetch"), but never to another origin.
struct Redirection: Sendable {
    let request: HTTPRequest
    /// Whether the body goes there too.
    var keepsBody = true

    /// Where the request goes.
    var url: URL? {
        guard let scheme = request.scheme, let authority = request.authority else { return nil }
        return URL(string: "\(scheme)://\(authority)\(request.path ?? "/")")
    }

    /// The next request; `nil` when the answer is final, or points to another origin: no token goes there.
    func followed(to response: HTTPResponse) -> Redirection? {
        guard [301, 302, 303, 307, 308].contains(response.status.code), let here = url,
            let location = response.headerFields[.location], let there = URL(string: location, relativeTo: here)?.absoluteURL,
            let origin = Origin(there), origin == Origin(here)
        else {
            return nil
        }
        var next = request
        next.path = there.requestTarget

        let becomesGET =
            (response.status.code == 303 && request.method != .head)
            || ([301, 302].contains(response.status.code) && request.method == .post)
        guard becomesGET else { return Redirection(request: next, keepsBody: keepsBody) }
        next.method = .get
        next.headerFields[.contentType] = nil
        next.headerFields[.contentLength] = nil
        return Redirection(request: next, keepsBody: false)
    }
}
