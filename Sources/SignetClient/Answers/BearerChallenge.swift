import HTTPTypes

/// Whether an API says that the access token itself is no good (RFC 6750, section 3.1): the one 401 that a renewal can mend.
func rejectsAccessToken(_ response: HTTPResponse) -> Bool {
    guard response.status.code == 401 else { return false }
    return response.headerFields[values: .wwwAuthenticate].contains { hasInvalidTokenError($0) }
}

/// Reads a list of challenges (RFC 9110, section 11.6.1) and looks for `error="invalid_token"` in one whose scheme is Bearer.
private func hasInvalidTokenError(_ challenges: String) -> Bool {
    var isBearer = false
    for item in commaSeparated(challenges) {
        var parameter = Substring(item)
        // An item with a word before its first parameter begins a new challenge; white space before `=` does not make one.
        let words = item.split(separator: " ", maxSplits: 1)
        if let scheme = words.first, !scheme.contains("="), words.count == 1 || !words[1].hasPrefix("=") {
            isBearer = scheme.lowercased() == "bearer"
            parameter = words.count == 2 ? words[1] : ""
        }
        let sides = parameter.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix { $0 == " " } }
        guard isBearer, sides.count == 2, sides[0].lowercased().filter({ $0 != " " }) == "error" else { continue }
        if sides[1].filter({ $0 != "\"" && $0 != " " }) == "invalid_token" { return true }
    }
    return false
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
