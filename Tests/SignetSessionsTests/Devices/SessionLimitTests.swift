import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("How many sessions a user may have with a client")
struct SessionLimitTests {
    @Test(
        "is written as a number, or as a number that refuses",
        arguments: [
            ("1", 1, .evict), ("5", 5, .evict), ("5:refuse", 5, .refuse), ("1000", 1000, .evict), ("1000:refuse", 1000, .refuse),
        ] as [(String, Int, SessionLimit.WhenReached)])
    func reads(text: String, count: Int, whenReached: SessionLimit.WhenReached) {
        let limit = SessionLimit(text)

        #expect(limit?.count == count)
        #expect(limit?.whenReached == whenReached)
        #expect(limit?.description == text)
    }

    @Test(
        "is written in no other way",
        arguments: ["", "0", "-1", "+1", "1001", "5:", ":refuse", "5:Refuse", "5:evict", "5:refuse:", "five", "5 ", "\u{0665}"])
    func refuses(text: String) {
        #expect(SessionLimit(text) == nil)
    }

    @Test("ends as many as it must, the least recently used first, and the older of two used at one moment")
    func evicts() throws {
        let live = try [30, 10, 20, 10].enumerated().map { number, seconds in try session(number, usedAt: seconds) }

        #expect(try SessionLimit(count: 5)?.evicted(from: live) == [])
        #expect(try SessionLimit(count: 4)?.evicted(from: live) == [live[1].id])
        #expect(try SessionLimit(count: 3)?.evicted(from: live) == [live[1].id, live[3].id])
        #expect(try SessionLimit(count: 1)?.evicted(from: live) == [1, 3, 2, 0].map { live[$0].id })
        #expect(try SessionLimit(count: 1)?.evicted(from: []) == [])
    }

    @Test("that refuses lets the last one in, and no more")
    func refusesOneMore() throws {
        let limit = try #require(SessionLimit(count: 2, whenReached: .refuse))
        let live = try [session(0, usedAt: 1), session(1, usedAt: 2)]

        #expect(try limit.evicted(from: [live[0]]) == [])
        #expect(throws: SignInRefusal.tooManySessions(2)) { try limit.evicted(from: live) }
    }

    private func session(_ number: Int, usedAt seconds: Int) throws -> LiveSession {
        let openedAt = UnixTime.sometime.advanced(by: .milliseconds(number))
        return LiveSession(
            id: .timeOrdered(at: openedAt, seededRandomBytes(UInt64(number))),
            lastRenewedAt: UnixTime.sometime.advanced(by: .seconds(seconds)))
    }
}
