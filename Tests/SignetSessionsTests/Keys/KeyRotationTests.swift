import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Rotating and revoking keys", .timeLimit(.minutes(1)))
struct KeyRotationTests {
    private static let cacheTime: Duration = .seconds(300)

    private let fixture: StoryOnSQLite
    private var story: Story { fixture.story }

    init() async throws {
        fixture = try await StoryOnSQLite()
        try await fixture.story.user()
    }

    private var change: ChangeKeys {
        ChangeKeys(store: story.store, keyFile: story.keyFile, clock: story.clock, randomBytes: systemRandomBytes)
    }

    private var rotate: RotateSigningKey { RotateSigningKey(change, cacheTime: Self.cacheTime) }

    private func signingKeyID() async -> String {
        await story.ring.current().signingKey.publicKey.keyID
    }

    @Test(
        "the standby signs when it has been published for as long as verifiers may keep a key set, and there is a new one (JWK-6)"
    )
    func rotation() async throws {
        let (first, standby) = (await signingKeyID(), story.foundation.signingKeys[1].keyID)
        let (old, new) =
            story.foundation.signingKeys[0].keyID == first ? (first, standby) : (standby, story.foundation.signingKeys[0].keyID)
        story.clock.advance(by: .seconds(100))

        let turn = try await rotate(by: .admin)

        #expect(turn.keyID == new)
        // A fifth longer than verifiers keep it, for one that asked just before the last server had the key.
        #expect(turn.signsFrom == story.clock.now.advanced(by: .seconds(260)))
        try await story.ring.catchUp()
        #expect(await story.ring.current().published.keys.count == 3)
        story.clock.advance(by: .milliseconds(259_999))
        #expect(await signingKeyID() == old)
        story.clock.advance(by: .milliseconds(1))
        #expect(await signingKeyID() == new)
        #expect(await story.ring.current().published.keys.contains { $0.keyID == old })
        story.clock.advance(by: SigningKeyState.farewell)
        #expect(await story.ring.current().published.keys.count == 2)
        #expect(await !story.ring.current().published.keys.contains { $0.keyID == old })
        #expect(await story.ring.current().everKnown.keys.contains { $0.keyID == old })
    }

    @Test("a token of the old key is good until it expires")
    func oldTokens() async throws {
        let pair = try await story.signIn()
        story.clock.advance(by: .seconds(260))
        let later = try await story.renew(pair.refreshToken)
        story.clock.advance(by: .seconds(99))
        let turn = try await rotate(by: .admin)
        try await story.ring.catchUp()

        story.clock.advance(by: .seconds(2))

        #expect(await signingKeyID() == turn.keyID)
        _ = try await story.authenticate(later.accessToken, scope: "account")
        let renewed = try await story.renew(later.refreshToken, accessToken: later.accessToken)
        _ = try await story.authenticate(renewed.accessToken, scope: "account")
    }

    @Test("a second rotation has to wait for the first")
    func underWay() async throws {
        let turn = try await rotate(by: .admin)

        await #expect(throws: KeyRefusal.underWay(until: turn.signsFrom)) { try await rotate(by: .admin) }

        story.clock.advance(by: RotateSigningKey.publishedFor(Self.cacheTime))
        let next = try await rotate(by: .admin)
        #expect(next.keyID != turn.keyID)
    }

    @Test("the server rotates by itself when the key has been in use for long enough, and once")
    func automatic() async throws {
        let age: Duration = .seconds(90 * 86_400)
        story.clock.advance(by: age - .milliseconds(1))
        #expect(try await rotate(ifOlderThan: age) == nil)
        #expect(try await RotateRefreshKey(change)(ifOlderThan: age) == nil)
        story.clock.advance(by: .milliseconds(1))

        #expect(try await rotate(ifOlderThan: age)?.signsFrom == story.clock.now)
        #expect(try await rotate(ifOlderThan: age) == nil)
        #expect(try await RotateRefreshKey(change)(ifOlderThan: age) == 2)
        #expect(try await RotateRefreshKey(change)(ifOlderThan: age) == nil)

        #expect(try await story.store.auditEntries(limit: 2).map(\.entry.actor) == [.system, .system])
    }

    @Test("of servers that rotate at the same moment one does")
    func race() async throws {
        let age: Duration = .seconds(3600)
        story.clock.advance(by: age)

        let turns = try await withThrowingTaskGroup(of: SigningKeyTurn?.self) { group in
            for _ in 0..<8 { group.addTask { try await rotate(ifOlderThan: age) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(turns.compactMap(\.self).count == 1)
        #expect(try await story.store.foundation()?.signingKeys.count == 3)
    }

    @Test("a signing key that leaked is worth nothing at once, another signs, and the device goes on with a renewal")
    func leaked() async throws {
        let pair = try await story.signIn()
        let leaked = await signingKeyID()

        try await RetireSigningKey(change)(leaked, by: .admin)
        try await story.ring.catchUp()

        #expect(await signingKeyID() != leaked)
        #expect(await story.ring.current().published.keys.count == 2)
        await #expect(throws: CallerRefusal.token(.unknownKey)) {
            try await story.authenticate(pair.accessToken, scope: "account")
        }
        // REF-6: a token under a key that leaked counts as none, and is audited.
        let renewed = try await story.renew(pair.refreshToken, accessToken: pair.accessToken)
        _ = try await story.authenticate(renewed.accessToken, scope: "account")
        #expect(try await story.store.auditEntries(limit: 1).first?.entry.event == .accessTokenUnderUnknownKey)
        await #expect(throws: KeyRefusal.wasRevoked) { try await RetireSigningKey(change)(leaked, by: .admin) }
        await #expect(throws: KeyRefusal.unknownKey) { try await RetireSigningKey(change)("nobody", by: .admin) }
    }

    @Test("a leak in the middle of a rotation lets the next key sign at once; a leaked standby is replaced")
    func leakedMeanwhile() async throws {
        let first = await signingKeyID()
        let turn = try await rotate(by: .admin)
        story.clock.advance(by: .seconds(1))

        try await RetireSigningKey(change)(first, by: .admin)
        try await story.ring.catchUp()

        #expect(await signingKeyID() == turn.keyID)
        let standby = try #require(try await story.store.foundation()?.signingKeys.standby?.keyID)
        try await RetireSigningKey(change)(standby, by: .admin)
        try await story.ring.catchUp()
        #expect(await signingKeyID() == turn.keyID)
        #expect(try await story.store.foundation()?.signingKeys.standby.map { $0.keyID != standby } == true)
    }

    @Test("refresh keys rotate without signing anybody out, and a repeat across the rotation gives the same bytes")
    func refreshKeys() async throws {
        let (keyless, keyed) = (try await story.signIn(), try await story.signIn())
        let key = IdempotencyKey.fresh
        let before = try await story.renew(keyed.refreshToken, keyed: key)

        #expect(try await RotateRefreshKey(change)(by: .admin) == 2)
        try await story.ring.catchUp()

        let again = try await story.renew(keyed.refreshToken, keyed: key)
        #expect(again.refreshToken?.plain == before.refreshToken?.plain)
        let renewed = try await story.renew(keyless.refreshToken)
        #expect(renewed.refreshToken.flatMap(RefreshToken.init(parsing:))?.keyVersion == 2)
        #expect(try await story.store.foundation()?.refreshKeys.map(\.version) == [1, 2, 3])
        _ = try await story.renew(before.refreshToken, keyed: .fresh)
    }

    @Test("a refresh key that leaked makes no token genuine any more; sessions under it end, the others live")
    func leakedRefreshKey() async throws {
        let old = try await story.signIn()
        _ = try await RotateRefreshKey(change)(by: .admin)
        try await story.ring.catchUp()
        let new = try await story.signIn()

        #expect(try await RetireRefreshKey(change)(1, by: .admin) == 1)
        try await story.ring.catchUp()

        await #expect(throws: RenewalRefusal.malformed) { try await story.renew(old.refreshToken) }
        #expect(try await story.ending(of: old) == .revokedByAdmin)
        _ = try await story.renew(new.refreshToken)
        await #expect(throws: KeyRefusal.wasRevoked) { try await RetireRefreshKey(change)(1, by: .admin) }
        // The one in use: the next takes its place, and a new one is there.
        #expect(try await RetireRefreshKey(change)(2, by: .admin) == 1)
        #expect(try await story.store.foundation()?.refreshKeys.active?.version == 3)
        #expect(try await story.store.foundation()?.refreshKeys.standby?.version == 4)
    }

    @Test("a server that runs with another cache time is waited for, whatever the command was told")
    func cacheTimeOfServers() async throws {
        try await story.store.report(.random(systemRandomBytes), masterKeyID: "m", keyCacheTime: .seconds(3600))

        let turn = try await rotate(by: .admin)

        #expect(turn.signsFrom == story.clock.now.advanced(by: .seconds(4320)))
    }

    @Test("a rotation that was settled by a clock far ahead does not hold up the next one when the clock is right again")
    func clockWasAhead() async throws {
        let age: Duration = .seconds(90 * 86_400)
        story.clock.advance(by: age)
        let ahead = try #require(try await rotate(ifOlderThan: age))
        story.clock.advance(by: .zero - age)
        #expect(ahead.signsFrom > story.clock.now.advanced(by: .seconds(86_400)))

        let turn = try await rotate(by: .admin)

        #expect(turn.keyID == ahead.keyID)
        #expect(turn.signsFrom == story.clock.now.advanced(by: .seconds(360)))
        #expect(try await story.store.foundation()?.signingKeys.count == 3)
    }

    @Test("retired in good order, a key does what its state asks for")
    func inOrder() async throws {
        let retire = RetireSigningKeyInOrder(change, rotate: rotate)
        let first = await signingKeyID()
        guard case .signsUntil(let turn) = try await retire(first, by: .admin) else {
            Issue.record("the key that signs is not followed by another")
            return
        }
        #expect(try await retire(turn.keyID, by: .admin) == .calledOff)
        let standby = try #require(try await story.store.foundation()?.signingKeys.standby?.keyID)
        #expect(try await retire(standby, by: .admin) == .replaced)
        story.clock.advance(by: .seconds(86_400))
        try await story.ring.catchUp()
        #expect(await signingKeyID() == first)

        guard case .signsUntil(let second) = try await retire(first, by: .admin) else { return }
        #expect(second.signsFrom == story.clock.now)
        let until = story.clock.now.advanced(by: SigningKeyState.farewell)
        #expect(try await retire(first, by: .admin) == .verifies(until: until))
        story.clock.advance(by: SigningKeyState.farewell)
        await #expect(throws: KeyRefusal.isRetired) { try await retire(first, by: .admin) }
        await #expect(throws: KeyRefusal.wasRevoked) { try await retire(standby, by: .admin) }
    }

    @Test("a sign-in and a renewal under a key that another process has just revoked are made anew under the next one")
    func revokedMeanwhile() async throws {
        let device = try await story.signIn()
        _ = try await RotateRefreshKey(change)(by: .admin)
        try await story.ring.catchUp()
        #expect(try await RetireRefreshKey(change)(2, by: .admin) == 0)

        let signedIn = try await story.signIn()
        #expect(signedIn.refreshToken.flatMap(RefreshToken.init(parsing:))?.keyVersion == 3)
        _ = try await RetireRefreshKey(change)(3, by: .admin)
        let renewed = try await story.renew(device.refreshToken)
        #expect(renewed.refreshToken.flatMap(RefreshToken.init(parsing:))?.keyVersion == 4)
        _ = try await story.renew(renewed.refreshToken)
    }

    @Test("versions end: the last one of a rotation stays in use, nobody is signed out, and a few are left for leaks")
    func lastVersion() async throws {
        for version: UInt8 in 2...250 { #expect(try await RotateRefreshKey(change)(by: .admin) == version) }

        await #expect(throws: KeyRefusal.lastVersion) { try await RotateRefreshKey(change)(by: .admin) }

        #expect(try await RotateRefreshKey(change)(ifOlderThan: .zero) == nil)
        try await story.ring.catchUp()
        let pair = try await story.signIn()
        _ = try await story.renew(pair.refreshToken)
        for version: UInt8 in 250...254 { _ = try await RetireRefreshKey(change)(version, by: .admin) }
        await #expect(throws: KeyRefusal.noVersionLeft) { try await RetireRefreshKey(change)(255, by: .admin) }
    }
}
