import SignetTestKit
import SignetTokens
import Testing

@Suite("A renewal that is refused changes nothing")
struct RotationRefusalsTests {
    @Test("without a row the session is unknown")
    func noRow() {
        #expect(Self.decision(row: nil) == .refuse(.unknown))
    }

    @Test("an ended session is refused with its reason, whatever is presented", arguments: SessionEnd.allCases)
    func ended(_ ending: SessionEnd) {
        for generation: UInt32 in [0, 1, 2, 3, 4, .max] {
            let situation = RenewalSituation("", .refuse(ending)) {
                $0.ending = ending
                $0.generation = generation
                $0.recovery = .open(.first)
            }

            #expect(situation.decision == .refuse(ending))
        }
    }

    @Test("what is sent along must belong to the session (REF-1, REF-2, REF-6)", arguments: Companion.all)
    func mismatch(_ companion: Companion) {
        var presented = Self.presented
        companion.change(&presented)

        #expect(Self.decision(presented) == (companion.mismatch.map(RotationDecision.mismatch) ?? .rotate(to: 1)))
    }

    /// Something sent along with a refresh token, and what the decision says to it.
    struct Companion: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let mismatch: RenewalMismatch?
        let change: @Sendable (inout PresentedToken) -> Void

        init(_ description: String, _ mismatch: RenewalMismatch?, _ change: @escaping @Sendable (inout PresentedToken) -> Void) {
            testDescription = description
            self.mismatch = mismatch
            self.change = change
        }

        static let all = [
            Self("its client", nil) { $0.clientID = .signet },
            Self("another client", .client) { $0.clientID = .signetCLI },
            Self("its user", nil) { $0.namedUser = .named(.ada) },
            Self("another user", .user) { $0.namedUser = .named(.grace) },
            Self("what is no user's id", .user) { $0.namedUser = .unreadable },
            Self("its access token", nil) { $0.accessToken = .genuine(subject: UserID.ada.description, sessionID: .laptop) },
            Self("another user's access token", .accessToken) {
                $0.accessToken = .genuine(subject: UserID.grace.description, sessionID: .laptop)
            },
            Self("another session's access token", .accessToken) {
                $0.accessToken = .genuine(subject: UserID.ada.description, sessionID: .phone)
            },
            Self("an access token of no session", .accessToken) {
                $0.accessToken = .genuine(subject: UserID.ada.description, sessionID: nil)
            },
            Self("an access token that is not ours", .accessToken) { $0.accessToken = .invalid },
            Self("an access token under a key that nobody knows counts as none", nil) { $0.accessToken = .underUnknownKey },
            Self("a narrower scope", nil) { $0.scope = "notes:read" },
            Self("the whole scope in another order", nil) { $0.scope = "notes:read account" },
            Self("no scope at all", nil) { $0.scope = Scope.none },
            Self("a wider scope", .scope) { $0.scope = "account notes:write" },
            Self("a granted resource", nil) { $0.resources = ["https://api.example.com"] },
            Self("another resource", .resource) { $0.resources = ["https://api.example.com", "https://other.example.com"] },
            Self("a resource that only begins alike", .resource) { $0.resources = ["https://api.example.com/"] },
        ]
    }

    @Test("a stolen spent token with something that does not belong to it revokes nothing")
    func mismatchBeforeReuse() {
        let session = FreshSession()
        var presented = Self.presented
        presented.clientID = .signetCLI

        let decision = SessionRow.decision(
            for: presented, row: session.row(ofGeneration: 5), policy: RenewalPolicy(), now: .sometime)

        #expect(decision == .mismatch(.client))
    }

    @Test("the first mismatch is named: whose session it is comes before what is asked of it")
    func order() {
        var presented = Self.presented
        presented.resources = ["https://other.example.com"]
        #expect(Self.decision(presented) == .mismatch(.resource))
        presented.scope = "admin"
        #expect(Self.decision(presented) == .mismatch(.scope))
        presented.accessToken = .invalid
        #expect(Self.decision(presented) == .mismatch(.accessToken))
        presented.namedUser = .named(.grace)
        #expect(Self.decision(presented) == .mismatch(.user))
        presented.clientID = .signetCLI
        #expect(Self.decision(presented) == .mismatch(.client))
    }

    @Test("the end of a session comes before a mismatch, and a mismatch before a stale key")
    func orderOfLines() {
        var presented = Self.presented
        presented.clientID = .signetCLI
        presented.idempotencyKey = modelHash(7)
        var row = SessionRow.fresh
        row.rotationKey = modelHash(7)

        #expect(Self.decision(presented, row: row) == .mismatch(.client))
        let late = row.createdAt.advanced(by: .seconds(400 * 86_400))
        #expect(SessionRow.decision(for: presented, row: row, policy: RenewalPolicy(), now: late) == .refuse(.expired))
        row.ending = .signedOut
        #expect(SessionRow.decision(for: presented, row: row, policy: RenewalPolicy(), now: late) == .refuse(.signedOut))
    }

    private static var presented: PresentedToken { PresentedToken(FreshSession().token, nonce: .seeded(1)) }

    private static func decision(_ presented: PresentedToken = presented, row: SessionRow? = .fresh) -> RotationDecision {
        SessionRow.decision(for: presented, row: row, policy: RenewalPolicy(), now: .sometime)
    }
}
