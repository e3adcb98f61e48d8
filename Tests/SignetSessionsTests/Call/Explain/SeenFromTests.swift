import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A moment as people say it")
struct SeenFromTests {
    @Test(
        "is in the largest unit that fits, rounded down",
        arguments: [
            (0, "now"), (1, "in 1 second"), (-1, "1 second ago"), (59, "in 59 seconds"), (60, "in 1 minute"),
            (-119, "1 minute ago"), (-120, "2 minutes ago"), (3599, "in 59 minutes"), (3600, "in 1 hour"),
            (-86_399, "23 hours ago"), (-86_400, "1 day ago"), (86_400 * 365, "in 365 days"),
        ] as [(Int64, String)])
    func says(seconds: Int64, text: String) {
        #expect(UnixTime.sometime.advanced(by: .seconds(seconds)).seen(from: .sometime) == text)
    }

    @Test("does not trap at the ends of time")
    func extremes() {
        #expect(UnixTime(milliseconds: .max).seen(from: UnixTime(milliseconds: .min)).hasPrefix("in "))
        #expect(UnixTime(milliseconds: .min).seen(from: UnixTime(milliseconds: .max)).hasSuffix(" ago"))
    }
}
