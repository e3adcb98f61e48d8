import SignetSessions
import Testing

@testable import SignetServer

@Suite("How durations are written")
struct DurationTextTests {
    @Test(
        "a number and a unit are read, and nothing else",
        arguments: [
            ("0s", 0), ("90s", 90), ("5m", 300), ("12h", 43_200), ("30d", 2_592_000), ("007s", 7), ("36600d", 3_162_240_000),
            ("36601d", nil), ("99999999999999999999d", nil), ("9223372036854775807d", nil), ("", nil), ("s", nil), ("5", nil),
            ("-5s", nil), ("+5s", nil), ("5 s", nil), ("5S", nil), ("5ms", nil), ("1.5h", nil), ("\u{0665}s", nil),
            ("never", nil),
        ] as [(String, Int64?)]
    )
    func reads(text: String, seconds: Int64?) {
        #expect(DurationText.duration(text) == seconds.map { .seconds($0) })
    }

    @Test(
        "lifetimes may be never",
        arguments: [("never", .never), ("1d", .limited(.seconds(86_400))), ("Never", nil)] as [(String, Lifetime?)])
    func readsLifetimes(text: String, lifetime: Lifetime?) {
        #expect(DurationText.lifetime(text) == lifetime)
    }

    @Test(
        "a duration is written in the largest unit that says it exactly, and read back the same",
        arguments: [
            (0, "0s"), (59, "59s"), (60, "1m"), (90, "90s"), (3600, "1h"), (86_400, "1d"), (90_000, "25h"), (2_592_000, "30d"),
        ]
    )
    func writes(seconds: Int64, text: String) {
        #expect(DurationText.text(.seconds(seconds)) == text)
        #expect(DurationText.duration(text) == .seconds(seconds))
    }
}
