import Foundation
import HTTPTypes
import SignetTokens

/// An answer of the server's own doors, with what every reader of one wants to know.
struct ServerAnswer: Sendable {
    let status: Int
    /// The body, when it is one JSON object and says that it is.
    let object: JSONObject?
    /// What the server's clock showed, to the second.
    let date: UnixTime?
    let retryAfter: Duration?

    init(_ response: HTTPResponse, _ body: Data) {
        status = response.status.code
        date = response.headerFields[.date].flatMap { UnixTime(httpDate: $0) }
        retryAfter = response.headerFields[.retryAfter].flatMap { UInt32($0) }.map { .seconds($0) }

        // A captive portal's page is no answer of ours, whatever its status.
        let type = response.headerFields[.contentType]?.split(separator: ";").first?.trimmingCharacters(in: .whitespaces)
            .lowercased()
        let isJSON = type == "application/json" || type == "application/problem+json"
        object = isJSON ? (try? JSONValue(parsing: body))?.object : nil
    }

    /// An OAuth error's code, or a problem's title, fit to be shown.
    var code: String {
        Self.presentable(object?["error"]?.string ?? object?["detail"]?.string ?? object?["title"]?.string) ?? "without a reason"
    }

    /// The stable word for why, when there is one.
    var reason: String? {
        Self.presentable(object?["reason"]?.string)
    }

    /// What an answer that is not what was hoped for means. None of it touches the tokens.
    var error: SignetClientError {
        switch status {
        case 429, 503: .busy(status: status, retryAfter: retryAfter)
        case 400..<500 where object != nil: .refused(status: status, code: code)
        default: .faulty(status: status)
        }
    }

    /// Visible ASCII, and not too much of it: what a server says ends up on terminals and in logs, and a broken one may echo a token.
    static func presentable(_ text: String?) -> String? {
        guard let text, (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            !text.contains("sgr1_"), !text.contains("eyJ")
        else {
            return nil
        }
        return text
    }
}
