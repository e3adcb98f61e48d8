import Crypto

/// One version of the key under which refresh tokens are made: a tag that proves a token ours, and the successors' secrets, come from it by HKDF.
public struct RefreshKey: Sendable {
    /// The version that stands in the tokens made under it; 1 and up.
    public let version: UInt8

    private let tagKey: Secret<SymmetricKey>
    private let successorKey: Secret<SymmetricKey>

    /// A key from its version and 32 random bytes.
    public init(version: UInt8, material: Secret<[UInt8]>) {
        self.version = version
        tagKey = Self.derived(from: material, for: "signet refresh token tag")
        successorKey = Self.derived(from: material, for: "signet refresh token successor")
    }

    /// The first 16 bytes of HMAC-SHA256 over everything in the token that stands before the tag.
    func tag(over body: some Sequence<UInt8>) -> [UInt8] {
        tagKey.reveal { key in Array(HMAC<SHA256>.authenticationCode(for: Array(body), using: key).prefix(16)) }
    }

    /// The secret of the one token that can follow `token`.
    func successorSecret(after token: [UInt8], salt: SessionSalt) -> [UInt8] {
        successorKey.reveal { key in
            salt.bytes.reveal { salt in Array(HMAC<SHA256>.authenticationCode(for: salt + token, using: key)) }
        }
    }

    private static func derived(from material: Secret<[UInt8]>, for purpose: String) -> Secret<SymmetricKey> {
        material.reveal { material in
            Secret(
                HKDF<SHA256>.deriveKey(
                    inputKeyMaterial: SymmetricKey(data: material), info: Array(purpose.utf8), outputByteCount: SHA256.byteCount
                )
            )
        }
    }
}

/// Thirty-two random bytes that never leave the database. Without them the keys alone cannot compute a successor.
public struct DatabaseSalt: Sendable {
    private let bytes: Secret<[UInt8]>

    /// The salt as read from the database.
    public init(_ bytes: Secret<[UInt8]>) {
        self.bytes = bytes
    }

    /// The salt of one session: HMAC-SHA256(database salt, session id).
    public func salt(of session: SessionID) -> SessionSalt {
        bytes.reveal { bytes in
            SessionSalt(
                bytes: Secret(Array(HMAC<SHA256>.authenticationCode(for: session.bytes, using: SymmetricKey(data: bytes)))))
        }
    }
}

/// What a ``DatabaseSalt`` becomes for one session.
public struct SessionSalt: Sendable {
    let bytes: Secret<[UInt8]>
}
