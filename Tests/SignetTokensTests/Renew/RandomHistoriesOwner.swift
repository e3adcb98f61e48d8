import SignetTestKit
import SignetTokens

/// The honest device: one durable store, and one process or several that renew from it.
struct ModelOwner {
    enum Kind {
        /// One idempotency key per token, written down before it asks, shared by every process: what DESIGN.md asks of a client.
        case keyed
        /// Each process has a key of its own for a token, in memory.
        case ownKeys
        /// No keys: the grace window is all it has.
        case keyless
        /// One key for ever, against the rules.
        case constantKey
    }

    let kind: Kind
    let processes: Int
    private(set) var token: ModelToken
    /// The key of `token`, once a renewal was to be asked for.
    private(set) var pendingKey: IdempotencyKeyHash?
    private(set) var isSignedOut = false
    private var ownKeys: [Int: (generation: UInt32, key: IdempotencyKeyHash)] = [:]
    private let constantKey: IdempotencyKeyHash

    init(_ kind: Kind, processes: Int, token: ModelToken, _ random: inout SplitMix64) {
        self.kind = kind
        self.processes = processes
        self.token = token
        constantKey = modelHash(random.next())
    }

    /// Reads the store, sees to it that the token has its key, and asks.
    mutating func request(from process: Int, _ random: inout SplitMix64) -> ModelRequest {
        ModelRequest(
            sender: .owner(process: process), token: token, key: key(for: process, &random), nonce: modelNonce(random.next())
        )
    }

    /// Stores what came, if the store still holds what was presented: an answer that lost its way must not set the device back.
    mutating func receive(_ answer: ModelAnswer, to request: ModelRequest) {
        guard request.token.hash == token.hash, request.token.generation == token.generation else { return }
        switch answer {
        case .token(let new):
            guard new.generation != token.generation else { return }
            token = new
            pendingKey = nil
        case .signedOut: isSignedOut = true
        case .comeAgain, .staleKey: break
        }
    }

    private mutating func key(for process: Int, _ random: inout SplitMix64) -> IdempotencyKeyHash? {
        switch kind {
        case .keyless: return nil
        case .constantKey:
            pendingKey = constantKey
            return constantKey
        case .keyed:
            let key = pendingKey ?? modelHash(random.next())
            pendingKey = key
            return key
        case .ownKeys:
            if let own = ownKeys[process], own.generation == token.generation { return own.key }
            let key: IdempotencyKeyHash = modelHash(random.next())
            ownKeys[process] = (token.generation, key)
            return key
        }
    }
}
