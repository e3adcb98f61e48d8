/// A refresh token: `sgr1_` and the base64url of 85 bytes, with exactly one accepted spelling.
///
///     key version 1 | user id 16 | session id 16 | generation 4 | secret 32 | tag 16
///
/// The tag covers every byte before it, so a forged token is recognised without the database.
public struct RefreshToken: Sendable {
    /// The version of the refresh key it was made under.
    public let keyVersion: UInt8
    /// Whose session it renews.
    public let userID: UserID
    /// The session it renews.
    public let sessionID: SessionID
    /// How often the session's token had been rotated when this one was made.
    public let generation: UInt32

    private let bytes: Secret<[UInt8]>

    private static let prefix = Array("sgr1_".utf8)
    private static let byteCount = 85
    private static let tagOffset = 69
    private static let textLength = 119

    /// Reads a token's shape; `nil` for any text but the one canonical spelling. Whether it is ours, ``isGenuine(under:)`` tells.
    public init?(parsing text: Secret<String>) {
        let bytes: [UInt8]? = text.reveal { text in
            // The length first: nothing is decoded that cannot be a token.
            guard text.utf8.count == Self.textLength, text.utf8.starts(with: Self.prefix) else { return nil }
            return Base64URL.decode(text.utf8.dropFirst(Self.prefix.count))
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes)
    }

    /// The first token of a session, with a random secret.
    public init(first user: UserID, session: SessionID, key: RefreshKey, _ randomBytes: RandomBytes) {
        self.init(user: user, session: session, generation: 0, secret: randomBytes(32), key: key)
    }

    /// Whether `key` made this token; the tag is compared in constant time.
    public func isGenuine(under key: RefreshKey) -> Bool {
        guard key.version == keyVersion else { return false }
        return bytes.reveal { constantTimeEqual(Array($0[Self.tagOffset...]), key.tag(over: $0[..<Self.tagOffset])) }
    }

    /// The one token that can follow this one under `key`: a function of the token, the session's salt and the key, so that a
    /// repeated renewal gives the same bytes without anyone storing them.
    public func successor(under key: RefreshKey, salt: SessionSalt) -> RefreshToken {
        let secret = bytes.reveal { key.successorSecret(after: $0, salt: salt) }
        // The decision refuses to rotate at the last generation, so the sum is only clamped, never wrong.
        return RefreshToken(
            user: userID, session: sessionID, generation: generation == .max ? .max : generation + 1, secret: secret, key: key)
    }

    /// The token as clients get it.
    public var text: Secret<String> {
        bytes.reveal { Secret(String(decoding: Self.prefix + Base64URL.encode($0), as: UTF8.self)) }
    }

    /// What the database keeps of it.
    public var hash: TokenHash {
        text.reveal { TokenHash(of: $0.utf8) }
    }

    private init(user: UserID, session: SessionID, generation: UInt32, secret: [UInt8], key: RefreshKey) {
        let count = (0..<4).map { UInt8(truncatingIfNeeded: generation >> (24 - 8 * $0)) }
        let body = [key.version] + user.bytes + session.bytes + count + secret
        keyVersion = key.version
        userID = user
        sessionID = session
        self.generation = generation
        bytes = Secret(body + key.tag(over: body))
    }

    private init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, let user = UserID(bytes: bytes[1..<17]),
            let session = SessionID(bytes: bytes[17..<33])
        else {
            return nil
        }
        keyVersion = bytes[0]
        userID = user
        sessionID = session
        generation = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        self.bytes = Secret(bytes)
    }
}
