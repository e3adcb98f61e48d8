import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Holding what is revoked")
struct LiveRevocationsTests {
    let issuer = TestIssuer()
    let now = UnixTime.sometime

    @Test("each of the four kinds ends the tokens that it names, and no other, VER-12")
    func kinds() throws {
        let token = try issuer.verified(at: now)
        let others = try TestIssuer(seed: 2).verified(at: now, session: .phone, tokenID: "2", client: "other")
        let kinds: [RevokedSubject] = [.session(.laptop), .token("1"), .client("signet"), .key(issuer.key.publicKey.keyID)]
        for kind in kinds {
            let live = LiveRevocations(limit: 10)
            #expect(!live.covers(token, at: now))

            #expect(live.insert(.of(kind), at: now))

            #expect(live.covers(token, at: now), "\(kind)")
            #expect(!live.covers(others, at: now), "\(kind)")
        }
    }

    @Test("a name of one kind is none of another")
    func kindsApart() throws {
        let live = LiveRevocations(limit: 10)
        _ = live.insert(.of(.token("signet")), at: now)
        _ = live.insert(.of(.client("1")), at: now)
        _ = live.insert(.of(.client(SessionID.laptop.description)), at: now)
        _ = live.insert(.of(.key("1")), at: now)

        #expect(!live.covers(try issuer.verified(at: now), at: now))
    }

    @Test("an entry counts until its moment, and leaves memory soon after")
    func forgetting() throws {
        let live = LiveRevocations(limit: 10)
        let token = try issuer.verified(at: now)
        let end = now.advanced(by: .seconds(100))
        _ = live.insert(.of(.session(.laptop), forgetAt: end), at: now)

        live.prune(at: end.advanced(by: .milliseconds(-1)))
        #expect(live.covers(token, at: end.advanced(by: .milliseconds(-1))))
        #expect(!live.covers(token, at: end))
        live.prune(at: end.advanced(by: .seconds(60)))
        #expect(live.count == 0)
    }

    @Test("an entry that is past already is not taken in")
    func past() {
        let live = LiveRevocations(limit: 10)

        #expect(!live.insert(.of(.session(.laptop), forgetAt: now), at: now))
        #expect(live.count == 0)
    }

    @Test("duplicates say nothing new, and of two moments the later one counts", arguments: [[100, 200], [200, 100]])
    func duplicates(_ seconds: [Int]) throws {
        let live = LiveRevocations(limit: 1)
        let token = try issuer.verified(at: now)
        let news = seconds.map { live.insert(.of(.session(.laptop), forgetAt: now.advanced(by: .seconds($0))), at: now) }

        #expect(news == [true, seconds[0] < seconds[1]])
        #expect(!live.insert(.of(.session(.laptop), forgetAt: now.advanced(by: .seconds(100))), at: now))
        live.prune(at: now.advanced(by: .seconds(199)))
        #expect(live.covers(token, at: now.advanced(by: .seconds(199))))
        live.prune(at: now.advanced(by: .seconds(260)))
        #expect(live.count == 0)
    }

    @Test("a key is revoked for ever")
    func keys() throws {
        let live = LiveRevocations(limit: 0)
        let keyID = issuer.key.publicKey.keyID
        _ = live.insert(.of(.key(keyID), forgetAt: now.advanced(by: .seconds(1))), at: now)
        live.prune(at: now.advanced(by: .seconds(1_000_000_000)))

        #expect(live.covers(try issuer.verified(at: now), at: now.advanced(by: .seconds(1_000_000_000))))
        #expect(live.revokedKeys == [keyID])
    }

    @Test("beyond the limit no entry is added, and every token up to the latest revocation is refused instead")
    func overflow() throws {
        let live = LiveRevocations(limit: 100)
        for id in 0..<100 { #expect(live.insert(.of(.token("t\(id)")), at: now)) }
        #expect(!live.isOverflowing)
        let later = now.advanced(by: .seconds(7))

        for id in 100..<10_000 { _ = live.insert(.of(.token("t\(id)"), at: id == 200 ? later : now), at: now) }

        #expect(live.count == 100)
        #expect(live.isOverflowing)
        #expect(live.covers(try issuer.verified(at: now, tokenID: "t5000"), at: now))
        #expect(live.covers(try issuer.verified(at: later, tokenID: "innocent"), at: later))
        let renewed = later.advanced(by: .seconds(1))
        #expect(!live.covers(try issuer.verified(at: renewed, tokenID: "innocent"), at: renewed))
        #expect(live.covers(try issuer.verified(at: renewed, tokenID: "t99"), at: renewed))
    }

    @Test("an overflow is over when what did not fit may be forgotten")
    func overflowEnds() throws {
        let live = LiveRevocations(limit: 0)
        _ = live.insert(.of(.token("1")), at: now)
        let end = now.advanced(by: Revocation.memory)

        live.prune(at: end.advanced(by: .milliseconds(-1)))
        #expect(live.covers(try issuer.verified(at: now), at: end.advanced(by: .milliseconds(-1))))
        #expect(!live.covers(try issuer.verified(at: now), at: end))
        live.prune(at: end)
        #expect(!live.isOverflowing)
    }

    @Test("with more revoked keys than anybody ever had, nothing is trusted")
    func keyLimit() throws {
        let live = LiveRevocations(limit: 0)
        let stranger = try issuer.verified(at: now)
        for id in 0..<LiveRevocations.keyLimit { _ = live.insert(.of(.key("k\(id)")), at: now) }
        #expect(!live.covers(stranger, at: now))

        #expect(live.insert(.of(.key("one more")), at: now))
        #expect(!live.insert(.of(.key("and another")), at: now))

        #expect(live.count == LiveRevocations.keyLimit)
        #expect(live.covers(stranger, at: now))
    }
}
