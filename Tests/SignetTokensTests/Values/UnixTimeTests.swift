import Foundation
import SignetTokens
import Testing

@Suite("Moments and spans")
struct UnixTimeTests {
    @Test(
        "whole seconds are rounded down, also before 1970 and at both ends of time",
        arguments: [
            (0, 0), (999, 0), (1000, 1), (-1, -1), (-1000, -1), (-1001, -2), (Int64.max, 9_223_372_036_854_775),
            (Int64.min, -9_223_372_036_854_776),
        ] as [(Int64, Int64)]
    )
    func seconds(_ milliseconds: Int64, seconds: Int64) {
        #expect(UnixTime(milliseconds: milliseconds).seconds == seconds)
    }

    @Test("arithmetic saturates instead of trapping (TRAP-8)")
    func saturates() {
        #expect(UnixTime(seconds: .max).milliseconds == .max)
        #expect(UnixTime(seconds: .min).milliseconds == .min)
        let end = UnixTime(milliseconds: .max)
        let beginning = UnixTime(milliseconds: .min)
        #expect(end.advanced(by: .seconds(1)) == end)
        #expect(beginning.advanced(by: .seconds(-1)) == beginning)
        #expect(end.advanced(by: .seconds(Int64.max)) == end)
        #expect(beginning.advanced(by: .seconds(Int64.min)) == beginning)
        #expect(beginning.duration(to: end) == .milliseconds(Int64.max))
        #expect(end.duration(to: beginning) == .milliseconds(Int64.min))
    }

    @Test("a span is added and measured in milliseconds, and what is less is dropped")
    func spans() {
        let moment = UnixTime(seconds: 100)

        #expect(moment.advanced(by: .milliseconds(1500)).milliseconds == 101_500)
        #expect(moment.advanced(by: .microseconds(1999)).milliseconds == 100_001)
        #expect(moment.duration(to: UnixTime(seconds: 90)) == .seconds(-10))
        #expect(UnixTime(seconds: 1) < UnixTime(milliseconds: 1001))
    }

    @Test("a date that is no number does not trap", arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func dates(_ seconds: Double) {
        let moment = UnixTime(Date(timeIntervalSince1970: seconds))

        #expect(moment.milliseconds == .max || moment.milliseconds == .min)
    }

    @Test("JSON has them as RFC 3339 in UTC")
    func rfc3339() {
        #expect(UnixTime(milliseconds: 1_700_000_000_999).rfc3339 == "2023-11-14T22:13:20Z")
        #expect(UnixTime(Date(timeIntervalSince1970: 1.5)).milliseconds == 1500)
    }
}
