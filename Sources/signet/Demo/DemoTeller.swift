import Foundation
import HTTPTypes
import SignetTokens

/// How the story looks: coloured on a terminal, plain in a pipe, secrets shortened in both.
struct DemoTeller: Sendable {
    let isColoured: Bool

    /// A chapter: what happens next, and what to notice.
    func chapter(_ number: Int, _ title: String, _ explanation: String) {
        Output.line("")
        Output.line(styled("\(number). \(title)", "1;36"))
        Output.line(styled("   " + explanation, "2"))
    }

    /// A sentence between the lines of HTTP.
    func say(_ text: String) {
        Output.line("")
        Output.line(styled(text, "1"))
    }

    /// A command, as one would type it.
    func command(_ text: String) {
        Output.line(styled("   $ " + text, "33"))
    }

    /// A request as it goes out.
    func request(_ request: HTTPRequest, body: String?) {
        Output.line(styled("   > \(request.method) http://\(request.authority ?? "")\(request.path ?? "")", "32"))
        for field in request.headerFields {
            Output.line(styled("   > \(field.name): \(Self.shortened(field.value))", "32"))
        }
        for line in (body.map(Self.shortened) ?? "").split(separator: "\n") { Output.line(styled("   > \(line)", "32")) }
    }

    /// An answer as it came in.
    func answer(_ answer: DemoAnswer) {
        Output.line(styled("   < \(answer.status.code) \(answer.status.reasonPhrase)", "35"))
        if let challenge = answer.challenge { Output.line(styled("   < WWW-Authenticate: \(challenge)", "35")) }
        for line in Self.shortened(answer.json?.indentedText ?? "").split(separator: "\n") {
            Output.line(styled("   < \(line)", "35"))
        }
    }

    /// What the step has shown.
    func result(_ text: String) {
        Output.line(styled("   = " + text, "1;32"))
    }

    /// Tokens cut to their beginning and end: enough to tell them apart, useless to a thief.
    static func shortened(_ text: String) -> String {
        text.replacing(#/(sgr1_|eyJ)[A-Za-z0-9_.\-]{20,}/#) { match in "\(match.output.0.prefix(12))…\(match.output.0.suffix(6))"
        }
        .replacing(#/("password" ?: ?)"[^"]*"/#) { match in match.output.1 + "\"…\"" }
    }

    private func styled(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
