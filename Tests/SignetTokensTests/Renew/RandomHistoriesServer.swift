import SignetTestKit
import SignetTokens

/// The decision under test, or a broken one that the histories must find out.
typealias RotationTable = @Sendable (PresentedToken, SessionRow, RenewalPolicy, Recovery, UnixTime) -> RotationDecision

/// A renewal on its way to the server.
struct ModelRequest {
    enum Sender: Equatable {
        case owner(process: Int)
        case thief(Int)
    }

    let sender: Sender
    let token: ModelToken
    let key: IdempotencyKeyHash?
    let nonce: RequestNonce
}

/// What the server says to a renewal.
enum ModelAnswer {
    case token(ModelToken)
    /// 503, for whichever cause.
    case comeAgain
    /// `invalid_request`.
    case staleKey
    /// `invalid_grant`: the only answer that signs anybody out.
    case signedOut
}

/// Signet as the histories see it: one row, a clock that anyone may set, a ring of refresh keys, backups, outages.
///
/// It remembers nothing between two requests but what is in the database and the ring, so a restart changes nothing here either.
struct ModelServer {
    let policy: RenewalPolicy
    let table: RotationTable
    private(set) var row: SessionRow
    private(set) var now = UnixTime.sometime
    private(set) var keyVersion: UInt8 = 1
    var recovery = Recovery.undecided
    var isDown = false

    /// The first property of the server's own that did not hold.
    private(set) var fault: String?
    /// Whether the operator has ever declined a recovery, which signs honest people out on purpose.
    private(set) var hasDeclined = false
    /// Whether the last request ended the session, and whether its token had been spent for the whole window by then.
    private(set) var lastRevocation: (generation: UInt32, wasLate: Bool)?

    private var mint: ModelMint
    private var template: PresentedToken
    private var backups: [SessionRow]
    private var handedOut: [UInt32: TokenHash]
    /// For each spent generation when it was rotated, and the latest that the clock has shown since.
    private var spent: [(generation: UInt32, at: UnixTime, latest: UnixTime)] = []

    init(policy: RenewalPolicy, table: @escaping RotationTable, mint: ModelMint, first: ModelToken, session: FreshSession) {
        self.policy = policy
        self.table = table
        self.mint = mint
        var row = session.row
        row.current = first.hash
        self.row = row
        backups = [row]
        handedOut = [0: first.hash]
        template = PresentedToken(session.token, nonce: modelNonce(0))
    }

    func isBehind(_ token: ModelToken) -> Bool {
        token.generation > row.generation
    }

    mutating func answer(_ request: ModelRequest, commitIsUncertain: Bool) -> ModelAnswer {
        lastRevocation = nil
        guard !isDown else { return .comeAgain }
        let answer = decide(request)
        guard commitIsUncertain else { return answer }

        // The server did not hear whether the commit came through, and asks again with the same nonce.
        let wasEnded = row.ending != nil
        let second = decide(request)
        if row.ending != nil, !wasEnded { blame("the server's own repeat ended the session") }
        return second
    }

    private mutating func decide(_ request: ModelRequest) -> ModelAnswer {
        var presented = template
        presented.generation = request.token.generation
        presented.hash = request.token.hash
        presented.idempotencyKey = request.key
        presented.nonce = request.nonce
        let decision = table(presented, row, policy, recovery, now)

        // A repeat is computed under the key version that made it.
        let version = decision == .repeatSuccessor ? row.keyVersion : keyVersion
        let before = row
        func after(_ successor: TokenHash) -> SessionRow {
            before.applying(decision, of: presented, successor: successor, keyVersion: version, now: now)
        }

        switch decision {
        case .rotate, .recover:
            if case .rotate = decision, presented.hash != row.current { blame("a value renewed that is not the live one") }
            let successor = mint.successor(of: request.token, version: version)
            row = after(successor.hash)
            spent.append((presented.generation, now, now))
            return handOut(successor)
        case .repeatSuccessor:
            let successor = mint.successor(of: request.token, version: version)
            row = after(successor.hash)
            if successor.hash != row.current { blame("a repeat handed out a token that is not the live one") }
            return handOut(successor)
        case .keepToken:
            if presented.hash != row.current { blame("a value was kept that is not the live one") }
            row = after(presented.hash)
            return .token(request.token)
        case .revoke:
            row = after(presented.hash)
            lastRevocation = (presented.generation, isLate(presented.generation))
            return .signedOut
        case .tryAgain, .ahead: return .comeAgain
        case .staleIdempotencyKey: return .staleKey
        case .refuse, .declined, .mismatch: return .signedOut
        }
    }

    private mutating func handOut(_ token: ModelToken) -> ModelAnswer {
        if let earlier = handedOut[token.generation], earlier != token.hash {
            blame("two values of generation \(token.generation)")
        }
        handedOut[token.generation] = token.hash
        return .token(token)
    }

    private func isLate(_ generation: UInt32) -> Bool {
        guard let spent = spent.last(where: { $0.generation == generation }) else { return false }
        return spent.latest >= spent.at.advanced(by: policy.window)
    }

    private mutating func blame(_ text: String) {
        fault = fault ?? text
    }
}

/// What befalls a server.
extension ModelServer {
    mutating func moveClock(by milliseconds: Int64) {
        now = now.advanced(by: .milliseconds(milliseconds))
        for index in spent.indices where spent[index].latest < now { spent[index].latest = now }
    }

    /// Moves the clock until no window is open any more.
    mutating func letWindowPass() {
        let end = max(now, row.rotatedAt.advanced(by: policy.window))
        moveClock(by: end.milliseconds - now.milliseconds + 1)
    }

    mutating func rotateRefreshKey() {
        if keyVersion < .max { keyVersion += 1 }
    }

    mutating func backUp() {
        backups.append(row)
    }

    /// Puts an older state back, as `signet restore` does: what the database said since then is another story, and later backups with it.
    mutating func restore(_ random: inout SplitMix64) -> Bool {
        guard !backups.isEmpty else { return false }
        let index = random.below(backups.count)
        row = backups[index]
        backups.removeSubrange((index + 1)...)
        handedOut = [row.generation: row.current]
        recovery = .undecided
        return true
    }

    mutating func decideRecovery(_ random: inout SplitMix64) {
        if random.happens(onceIn: 5) {
            recovery = .declined
            hasDeclined = true
        } else {
            recovery = RecoveryID(bytes: random.bytes(16)).map(Recovery.open) ?? .undecided
        }
    }
}
