import SignetTokens

extension UnixTime {
    /// Reads a `Date` header in the form that every server sends: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), (1...31).contains(day),
            let month = Self.months.firstIndex(of: parts[2]), let year = Int64(parts[3]), (1970...9999).contains(year)
        else {
            return nil
        }
        let time = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2]) else {
            return nil
        }
        let days = Self.days(toYear: year, month: Int64(month + 1)) + day - 1
        self.init(seconds: days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2])
    }

    private static let months: [Substring] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Days from 1970-01-01 to the first of a month. The year is taken to begin in March, so that the leap day is its last.
    private static func days(toYear year: Int64, month: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
