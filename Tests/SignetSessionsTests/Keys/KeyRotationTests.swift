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
        #expect(turn.signsFrom == story.clock.now.advanced(by: .seconds(200)))
        try await story.ring.catchUp()
        #expect(await story.ring.current().published.keys.count == 3)
        story.clock.advance(by: .milliseconds(199_999))
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
        story.clock.advance(by: .seconds(200))
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

        story.clock.advance(by: Self.cacheTime)
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

    @Test("versions end at 255: the last one stays in use, and nobody is signed out")
    func lastVersion() async throws {
        for version: UInt8 in 2...255 { #expect(try await RotateRefreshKey(change)(by: .admin) == version) }

        await #expect(throws: KeyRefusal.lastVersion) { try await RotateRefreshKey(change)(by: .admin) }

        #expect(try await RotateRefreshKey(change)(ifOlderThan: .zero) == nil)
        try await story.ring.catchUp()
        let pair = try await story.signIn()
        _ = try await story.renew(pair.refreshToken)
    }
}
