import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Coming back to the feed")
struct ReconnectPausesTests {
    @Test("pauses double from 1 to 2 s up to 15 to 30 s, each time another, SSE-4")
    func growth() throws {
        for seed in 0..<200 as Range<UInt64> {
            var pauses = ReconnectPauses(randomBytes: seededRandomBytes(seed))
            for longest in [2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30] {
                let next = pauses.next(after: .broken(""), retry: nil)
                let pause = try #require(next)
                #expect((.seconds(longest) / 2 ... .seconds(longest)).contains(pause))
            }
            pauses.reset()
            let first = pauses.next(after: .ended, retry: nil)
            #expect(try #require(first) <= .seconds(2))
        }
    }

    @Test("both ends are reached, and nothing beyond them", arguments: [(0x00, 1), (0xFF, 2)] as [(UInt8, Int)])
    func ends(_ byte: UInt8, _ seconds: Int) {
        var pauses = ReconnectPauses { [UInt8](repeating: byte, count: $0) }

        let pause = pauses.next(after: .ended, retry: nil)

        #expect(pause == .seconds(seconds))
    }

    @Test(
        "the server says how long the first one is, within reason",
        arguments: [(0, 2), (2, 2), (5, 5), (1000, 30)] as [(Int, Int)])
    func retry(_ asked: Int, _ longest: Int) {
        var pauses = ReconnectPauses { [UInt8](repeating: 0xFF, count: $0) }

        let pause = pauses.next(after: .ended, retry: .seconds(asked))

        #expect(pause == .seconds(longest))
    }

    @Test("a refused credential is tried again after a minute or two, and 204 never")
    func refused() throws {
        var pauses = ReconnectPauses(randomBytes: seededRandomBytes(1))

        for _ in 0..<5 {
            let next = pauses.next(after: .refused(status: 401), retry: .seconds(2))
            let pause = try #require(next)
            #expect((.seconds(60) ... .seconds(120)).contains(pause))
        }
        let never = pauses.next(after: .unwanted, retry: nil)
        #expect(never == nil)
    }
}
