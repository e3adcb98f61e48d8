import HTTPTypes

/// The schemes under which an access token is sent, and refused.
enum TokenScheme: String, Sendable {
    /// Whoever has the token may use it (RFC 6750).
    case bearer = "Bearer"
    /// Only whoever has its key may (RFC 9449).
    case dpop = "DPoP"
}

/// Whether an API says that the access token itself is no good (RFC 6750, section 3.1): the one 401 that a renewal can mend.
func rejectsAccessToken(_ response: HTTPResponse, _ scheme: TokenScheme = .bearer) -> Bool {
    challengeErrors(response, scheme).contains("invalid_token")
}

/// The errors that an API's challenges of one scheme name (RFC 9110, section 11.6.1).
func challengeErrors(_ response: HTTPResponse, _ scheme: TokenScheme) -> [String] {
    guard response.status.code == 401 else { return [] }
    return response.headerFields[values: .wwwAuthenticate].flatMap { errors(in: $0, scheme) }
}

private func errors(in challenges: String, _ wanted: TokenScheme) -> [String] {
    var isWanted = false
    var errors: [String] = []
    for item in commaSeparated(challenges) {
        var parameter = Substring(item)
        // An item with a word before its first parameter begins a new challenge; white space before `=` does not make one.
        let words = item.split(separator: " ", maxSplits: 1)
        if let scheme = words.first, !scheme.contains("="), words.count == 1 || !words[1].hasPrefix("=") {
            isWanted = scheme.lowercased() == wanted.rawValue.lowercased()
            parameter = words.count == 2 ? words[1] : ""
        }
        let sides = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix { $0 == " " } }
        guard isWanted, sides.count == 2, sides[0].lowercased().filter({ $0 != " " }) == "error" else { continue }
        errors.append(sides[1].filter { $0 != "\"" && $0 != " " })
    }
    return errors
}

/// Splits at commas that are not inside a quoted string.
private func commaSeparated(_ text: String) -> [String] {
    var items: [String] = [""]
    var isQuoted = false
    var isEscaped = false
    for character in text {
        if character == ",", !isQuoted {
            items.append("")
            continue
        }
        if character == "\"", !isEscaped { isQuoted.toggle() }
        isEscaped = character == "\\" && isQuoted && !isEscaped
        items[items.count - 1].append(character)
    }
    return items.map { String($0.trimmingPrefix { $0 == " " || $0 == "\t" }) }
}
