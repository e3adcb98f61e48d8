public import SignetTokens

/// A session that was just opened: its first refresh token, its row, and what is needed to make the successors.
public struct FreshSession: Sendable {
    /// The refresh key under which the first token was made; version 1.
    public let key: RefreshKey
    /// The session's salt.
    public let salt: SessionSalt
    /// The refresh token of generation 0.
    public let token: RefreshToken
    /// The row as it was inserted.
    public let row: SessionRow

    /// A session; the same for a seed.
    public init(user: UserID = .ada, session: SessionID = .laptop, openedAt: UnixTime = .sometime, seed: UInt64 = 1) {
        key = .seeded()
        salt = DatabaseSalt.seeded().salt(of: session)
        token = RefreshToken(first: user, session: session, key: key, seededRandomBytes(seed))
        row = SessionRow(
            current: token.hash, keyVersion: key.version, rotatedAt: openedAt, clientID: .signet, scope: "account notes:read",
            resources: ["https://api.example.com"], createdAt: openedAt, lastRenewedAt: openedAt
        )
    }

    /// The token of a generation, when every rotation was made under one key.
    public func token(ofGeneration generation: UInt32) -> RefreshToken {
        var token = token
        while token.generation < generation { token = token.successor(under: key, salt: salt) }
        return token
    }

    /// The row after so many keyless rotations, the last of them at `rotatedAt`.
    public func row(ofGeneration generation: UInt32, rotatedAt: UnixTime = .sometime) -> SessionRow {
        guard generation > 0 else { return row }
        var row = row
        row.previous = token(ofGeneration: generation - 1).hash
        row.current = token(ofGeneration: generation).hash
        row.generation = generation
        row.rotatedAt = rotatedAt
        row.lastRenewedAt = rotatedAt
        row.rotationNonce = .seeded(UInt64(generation))
        return row
    }
}

extension SessionRow {
    /// The row of a session that was just opened, never rotated.
    public static var fresh: SessionRow { FreshSession().row }
}

extension RequestNonce {
    /// A nonce: the same for a seed.
    public static func seeded(_ seed: UInt64) -> RequestNonce {
        RequestNonce(seededRandomBytes(seed))
    }
}
