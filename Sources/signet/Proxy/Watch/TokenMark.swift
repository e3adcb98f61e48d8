import SignetTokens

/// What is kept of a refresh token that was seen: enough to tell it from others and to name it, and nothing that could be used.
struct TokenMark: Hashable, Sendable {
    private let hash: TokenHash
    /// Of the session that it renews.
    let sessionID: SessionID
    /// Whose session that is.
    let userID: UserID
    /// How often the session had been rotated.
    let generation: UInt32

    /// - Returns: `nil` for what is no refresh token of Signet's.
    init?(_ text: Secret<String>) {
        guard let token = RefreshToken(parsing: text) else { return nil }
        hash = token.hash
        sessionID = token.sessionID
        userID = token.userID
        generation = token.generation
    }
}

/// What is kept of an idempotency key: whether it is the same as another.
struct KeyMark: Hashable, Sendable {
    private enum Key {}

    private let hash: SHA256Hash<Key>
    /// Whether the server can take it for a key.
    let isWellFormed: Bool

    init(_ text: Secret<String>) {
        let key = IdempotencyKey(text)
        isWellFormed = key != nil
        hash = (key?.text ?? text).reveal { SHA256Hash(of: $0.utf8) }
    }
}

/// What is kept of an access token: whether it is the same as another.
struct AccessMark: Hashable, Sendable {
    private enum Access {}

    private let hash: SHA256Hash<Access>

    init(_ text: Secret<String>) {
        hash = text.reveal { SHA256Hash(of: $0.utf8) }
    }
}
