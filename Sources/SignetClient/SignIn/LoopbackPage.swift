/// What a browser is told that comes to a ``LoopbackListener``.
struct LoopbackPage: Sendable {
    /// The answer to the one request that was waited for.
    let found: [UInt8]
    /// The answer to every other: a request for an icon, a stray call.
    let notFound: [UInt8]

    /// - Parameter text: what the page says; plain text.
    init(text: String) {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        let page = "<!doctype html><html><meta charset=\"utf-8\"><title>Back to the program</title><p>\(escaped)</p></html>\n"
        found = Self.response("200 OK", page)
        notFound = Self.response("404 Not Found", "")
    }

    private static func response(_ status: String, _ body: String) -> [UInt8] {
        let lines = [
            "HTTP/1.1 \(status)", "Content-Type: text/html; charset=utf-8", "Content-Length: \(body.utf8.count)",
            // The address holds the code: no copy of it stays, and no link tells it on.
            "Cache-Control: no-store", "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src 'none'",
            "Connection: close",
        ]
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }
}
