import SignetTestKit
import SignetTokens

/// Somebody with a copy of the device's store as it was at one moment.
struct ModelThief {
    enum Style: CaseIterable {
        /// Renews as soon and as often as it can.
        case eager
        /// Waits, for the window to pass or the owner to go on.
        case patient
        /// Renews right after the owner, each time.
        case alternating
    }

    let style: Style
    /// Whether it sends keys of its own; otherwise it is keyless once the stolen key is used up.
    let hasKeys: Bool
    private(set) var isCaught = false
    private(set) var token: ModelToken
    private var stolenKey: IdempotencyKeyHash?
    private var key: IdempotencyKeyHash?
    private var knowsOwnersKey: Bool

    /// Copies the store, with the pending key or, where the file is read in parts, without.
    init(copying owner: ModelOwner, _ random: inout SplitMix64) {
        style = Style.allCases[random.below(Style.allCases.count)]
        hasKeys = random.happens(onceIn: 2)
        token = owner.token
        stolenKey = random.happens(onceIn: 3) ? nil : owner.pendingKey
        // Whoever uses one key for ever has told it to the thief.
        knowsOwnersKey = owner.kind == .constantKey && stolenKey != nil
    }

    mutating func request(number: Int, _ random: inout SplitMix64) -> ModelRequest {
        if stolenKey == nil, hasKeys, key == nil { key = modelHash(random.next()) }
        return ModelRequest(
            sender: .thief(number), token: token, key: stolenKey ?? key, nonce: modelNonce(random.next()))
    }

    mutating func receive(_ answer: ModelAnswer) {
        switch answer {
        case .token(let new):
            guard new.generation != token.generation else { return }
            token = new
            key = nil
            if !knowsOwnersKey { stolenKey = nil }
        case .signedOut: isCaught = true
        case .staleKey:
            // A stolen key that is refused is no use any more.
            stolenKey = nil
            knowsOwnersKey = false
        case .comeAgain: break
        }
    }
}
