import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Slowing guesses down")
struct FailureThrottleTests {
    private var throttle = FailureThrottle<String>(free: 3)
    private var now = UnixTime.sometime

    @Test("a few failures cost nothing; then the wait doubles with each, up to the longest")
    mutating func doubles() {
        let waits = (1...12).map { _ in
            throttle.fail("a", at: now)
            return throttle.wait(for: "a", at: now)
        }

        #expect(waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map { .seconds($0) })
    }

    @Test("a wait passes, to the millisecond")
    mutating func passes() {
        for _ in 0..<5 { throttle.fail("a", at: now) }

        #expect(throttle.wait(for: "a", at: now.advanced(by: .milliseconds(3999))) == .milliseconds(1))
        #expect(throttle.wait(for: "a", at: now.advanced(by: .milliseconds(4000))) == .zero)
        #expect(throttle.hasFailed("a", at: now.advanced(by: .milliseconds(4000))))
    }

    @Test("each key waits for its own failures alone")
    mutating func separates() {
        for _ in 0..<9 { throttle.fail("a", at: now) }

        #expect(throttle.wait(for: "b", at: now) == .zero)
        #expect(!throttle.hasFailed("b", at: now))
    }

    @Test("a quarter of an hour without a failure, and all is forgotten")
    mutating func forgets() {
        for _ in 0..<9 { throttle.fail("a", at: now) }
        #expect(throttle.hasFailed("a", at: now.advanced(by: .milliseconds(899_999))))
        now = now.advanced(by: .seconds(900))

        #expect(!throttle.hasFailed("a", at: now))
        for _ in 0..<2 { throttle.fail("a", at: now) }
        #expect(throttle.wait(for: "a", at: now) == .zero)
    }

    @Test("a clock that is set back makes nobody wait longer")
    mutating func clockSetBack() {
        for _ in 0..<9 { throttle.fail("a", at: now) }
        let earlier = now.advanced(by: .seconds(-3600))

        #expect(throttle.wait(for: "a", at: earlier) == .zero)
        throttle.fail("a", at: earlier)
        #expect(throttle.wait(for: "a", at: earlier) == .zero)
    }

    @Test("a million failures are no overflow")
    mutating func manyFailures() {
        for _ in 0..<1_000_000 { throttle.fail("a", at: now) }

        #expect(throttle.wait(for: "a", at: now) == .seconds(60))
    }

    @Test("its memory is bounded: when it is full, those that failed longest ago are forgotten")
    mutating func bounded() {
        throttle = FailureThrottle(free: 1, capacity: 100)
        for number in 0..<1000 {
            now = now.advanced(by: .milliseconds(1))
            throttle.fail("\(number)", at: now)
            #expect(throttle.count <= 100)
            #expect(throttle.hasFailed("\(number)", at: now))
            #expect(number < 20 || throttle.hasFailed("\(number - 20)", at: now))
        }
        #expect(!throttle.hasFailed("0", at: now))
    }
}
