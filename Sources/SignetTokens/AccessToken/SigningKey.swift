public import Crypto

/// A private key that signs: a server's access tokens, a device's proofs.
public struct SigningKey: Sendable {
    private enum Material: Sendable {
        case es256(Secret<P256.Signing.PrivateKey>)
        case edDSA(Secret<Curve25519.Signing.PrivateKey>)
    }

    private let material: Material

    /// The public half, under the thumbprint as `kid`.
    public let publicKey: PublicKey

    /// A P-256 key.
    public init(es256 key: P256.Signing.PrivateKey) {
        material = .es256(Secret(key))
        publicKey = PublicKey(es256: key.publicKey)
    }

    /// An Ed25519 key.
    public init(edDSA key: Curve25519.Signing.PrivateKey) {
        material = .edDSA(Secret(key))
        publicKey = PublicKey(edDSA: key.publicKey)
    }

    /// The key whose private octets these are, as ``secretBytes`` gave them; `nil` when they are not a key of that algorithm.
    public init?(_ algorithm: SignatureAlgorithm, secretBytes: Secret<[UInt8]>) {
        let key: SigningKey? = secretBytes.reveal { bytes in
            switch algorithm {
            case .es256: (try? P256.Signing.PrivateKey(rawRepresentation: bytes)).map(Self.init(es256:))
            case .edDSA: (try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)).map(Self.init(edDSA:))
            // Signet verifies RS256 and does not sign with it yet.
            case .rs256: nil
            }
        }
        guard let key else { return nil }
        self = key
    }

    /// The private octets, for sealing.
    public var secretBytes: Secret<[UInt8]> {
        switch material {
        case .es256(let key): key.reveal { Secret(Array($0.rawRepresentation)) }
        case .edDSA(let key): key.reveal { Secret(Array($0.rawRepresentation)) }
        }
    }

    /// The JWS signature over `message`: 64 octets (RFC 7518, section 3.4; RFC 8037, section 3.1).
    /// - Throws: what the cryptographic library throws, which for a key that it made it does not.
    public func signature(over message: [UInt8]) throws -> [UInt8] {
        switch material {
        case .es256(let key): try key.reveal { try Array($0.signature(for: message).rawRepresentation) }
        case .edDSA(let key): try key.reveal { try Array($0.signature(for: message)) }
        }
    }
}
