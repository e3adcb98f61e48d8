import SignetTokens

/// A mistake that a client was seen to make, with what it rests on.
struct Finding: Sendable {
    let mistake: Mistake
    /// Whose; `nil` when no token said it.
    let sessionID: SessionID?
    /// Of the token that it happened with.
    let generation: UInt32?
    /// When it was first seen.
    let at: UnixTime
    /// What was seen, in one sentence that names requests by their numbers.
    let evidence: String
    /// How often it was seen.
    var count = 1
    /// The requests with which it was seen, the first of them.
    var requests: [Int]

    /// So many requests are named.
    static let requestLimit = 10
}
