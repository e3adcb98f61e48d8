import SignetTestKit
import SignetTokens
import Testing

@Suite("The manual clock")
struct ManualClockTests {
    @Test("stands still until it is moved, also backwards")
    func moves() {
        let clock = ManualClock()

        clock.advance(by: .seconds(90))
        clock.advance(by: .seconds(-30))

        #expect(clock.now == UnixTime.sometime.advanced(by: .seconds(60)))
    }

    @Test("wakes a sleeper at its moment and not a millisecond before")
    func wakes() async throws {
        let clock = ManualClock()
        let deadline = clock.now.advanced(by: .seconds(1))
        let sleeper = Task { try await clock.sleep(until: deadline, tolerance: nil) }
        while clock.sleepers < 1 { await Task.yield() }

        clock.advance(by: .milliseconds(999))
        #expect(clock.sleepers == 1)
        clock.advance(by: .milliseconds(1))

        try await sleeper.value
        #expect(clock.sleepers == 0)
    }

    @Test("lets nobody sleep until a moment that has passed")
    func past() async throws {
        let clock = ManualClock()

        try await clock.sleep(until: clock.now, tolerance: nil)

        #expect(clock.sleepers == 0)
    }

    @Test("a cancelled sleeper wakes with the cancellation")
    func cancelled() async {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(until: clock.now.advanced(by: .seconds(1)), tolerance: nil) }
        while clock.sleepers < 1 { await Task.yield() }

        sleeper.cancel()

        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
    }
}
