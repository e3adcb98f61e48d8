package import SignetSessions

/// How spans are written in settings and on the command line: `90s`, `5m`, `12h`, `30d`, and where that is allowed `never`.
package enum DurationText {
    /// Reads a span; `nil` when it is not one.
    package static func duration(_ text: String) -> Duration? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number >= 0,
            text.dropLast().allSatisfy(\.isASCIIDigit)
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow || seconds > 100 * 366 * 86_400 ? nil : .seconds(seconds)
    }

    /// Reads a span that may be for ever.
    package static func lifetime(_ text: String) -> Lifetime? {
        text == "never" ? .never : duration(text).map(Lifetime.limited)
    }

    /// Writes a span in the largest unit that says it exactly.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (unit, length) in [("d", Int64(86_400)), ("h", 3600), ("m", 60)]
        where seconds >= length && seconds.isMultiple(of: length) {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }

    /// Writes a span that may be for ever.
    package static func text(_ lifetime: Lifetime) -> String {
        lifetime.duration.map(text) ?? "never"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
