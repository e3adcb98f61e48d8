import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("Issuing an access token")
struct IssueAccessTokenTests {
    private static let notes = "https://notes.example.com"
    private static let files = "https://files.example.com"
    private static let issuer = StoreTrial.issuer

    @Test(
        "names the APIs asked for, or the first one granted, and Signet's own for a first-party client",
        arguments: [
            (true, [notes, files, issuer], [], [notes, issuer]), (true, [issuer], [], [issuer]),
            (true, [notes, files, issuer], [files], [files, issuer]), (true, [notes, files, issuer], [issuer], [issuer]),
            (true, [notes, files, issuer], [files, issuer], [files, issuer]),
            (true, [notes, files, issuer], [notes, files], [notes, files, issuer]), (false, [notes, files], [], [notes]),
            (false, [notes, files], [files], [files]), (false, [notes, issuer], [], [notes]),
            (false, [notes, issuer], [issuer], [issuer]),
        ] as [(Bool, [String], [String], [String])])
    func audience(isFirstParty: Bool, granted: [String], asked: [String], audience: [String]) async throws {
        let fixture = try await StoryOnSQLite()
        let standing = try standing(isFirstParty: isFirstParty, resources: granted, now: fixture.story.clock.now)

        let token = try await issued(fixture.story, standing, resources: asked)

        #expect(token.audience == audience)
    }

    @Test("counts its lifetime from the moment of the transaction, in whole seconds, not from that of signing")
    func lifetime() async throws {
        let fixture = try await StoryOnSQLite()
        let moment = UnixTime(milliseconds: 1_699_999_000_999)

        let token = try await issued(fixture.story, standing(now: moment))

        #expect(token.issuedAt == UnixTime(seconds: 1_699_999_000))
        #expect(token.expiresAt == UnixTime(seconds: 1_699_999_300))
    }

    @Test("lives as long as the client's policy says")
    func clientLifetime() async throws {
        let fixture = try await StoryOnSQLite()
        let policy = ClientPolicy(accessLifetime: .seconds(60))

        let token = try await issued(fixture.story, standing(policy: policy, now: fixture.story.clock.now))

        #expect(token.issuedAt.duration(to: token.expiresAt) == .seconds(60))
    }

    @Test("does not grant again what the client or the user's roles have lost since the sign-in")
    func lostScopes() async throws {
        let fixture = try await StoryOnSQLite()
        let now = fixture.story.clock.now

        let full = try standing(
            granted: "account admin notes", roles: RoleScope(needingRole: "admin", allowed: "admin"), now: now)
        let withoutRole = try standing(
            granted: "account admin notes", roles: RoleScope(needingRole: "admin", allowed: .none), now: now)
        let lessClient = try standing(granted: "account admin notes", clientScope: "account", now: now)

        #expect(try await issued(fixture.story, full).scope == "account admin notes")
        #expect(try await issued(fixture.story, withoutRole).scope == "account notes")
        #expect(try await issued(fixture.story, lessClient).scope == "account")
        #expect(try await issued(fixture.story, withoutRole, scope: "admin").scope == .none)
    }

    @Test("says how long the session lives if it is not renewed: the lifetime that ends first, or none")
    func refreshTokenLifetime() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let now = story.clock.now
        let token = try refreshToken(story, await story.ring.current())
        func lifetime(_ policy: ClientPolicy) async throws -> Duration? {
            try story.issue.pair(for: standing(policy: policy, now: now), refreshToken: token, ring: await story.ring.current())
                .refreshTokenExpiresIn
        }

        #expect(try await lifetime(ClientPolicy(idleLifetime: .limited(.seconds(600)))) == .seconds(600))
        #expect(
            try await lifetime(ClientPolicy(idleLifetime: .limited(.seconds(600)), absoluteLifetime: .limited(.seconds(500))))
                == .seconds(500))
        #expect(try await lifetime(ClientPolicy(idleLifetime: .never, absoluteLifetime: .never)) == nil)
    }

    @Test("has an id of its own each time, and the user's roles")
    func ids() async throws {
        let fixture = try await StoryOnSQLite()
        let standing = try standing(now: fixture.story.clock.now)

        let first = try await issued(fixture.story, standing)
        let second = try await issued(fixture.story, standing)

        #expect(first.tokenID != second.tokenID)
        #expect(first.roles == ["reader"])
    }

    private func issued(
        _ story: Story, _ standing: SessionStanding, scope: Scope? = nil, resources: [String] = []
    ) async throws -> AccessToken {
        let ring = await story.ring.current()
        let pair = try story.issue.pair(
            for: standing, refreshToken: refreshToken(story, ring), ring: ring, scope: scope, resources: resources)
        return try await story.claims(pair.accessToken)
    }

    private func refreshToken(_ story: Story, _ ring: KeyRing.Snapshot) throws -> RefreshToken {
        RefreshToken(
            first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: ring.refreshKey, systemRandomBytes)
    }

    private func standing(
        isFirstParty: Bool = true, resources: [String] = [notes, issuer], granted: Scope = "account",
        clientScope: Scope = "account admin notes", roles: RoleScope = RoleScope(needingRole: .none, allowed: .none),
        policy: ClientPolicy = ClientPolicy(), now: UnixTime
    ) throws -> SessionStanding {
        let app = try ClientID.fixture("notes-app")
        let user = UserID.random(systemRandomBytes)
        let key = RefreshKey(version: 1, material: Secret([]))
        let token = RefreshToken(first: user, session: .random(systemRandomBytes), key: key, systemRandomBytes)
        let row = SessionRow(
            current: token.hash, keyVersion: 1, rotatedAt: now, clientID: app, scope: granted, resources: resources,
            createdAt: now, lastRenewedAt: now)
        return SessionStanding(
            session: Session(
                id: token.sessionID, userID: user, deviceName: nil, origin: .unknown, authenticatedAt: now,
                authenticationMethods: ["pwd"], row: row),
            username: "Ada", roles: ["reader"], roleScope: roles,
            client: .fixture(app, isFirstParty: isFirstParty, scope: clientScope, policy: policy), ending: nil, now: now)
    }
}
