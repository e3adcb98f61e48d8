package import SignetTokens

/// What a ``ClientSecretHash`` is the hash of.
package enum ClientSecretText {}
/// SHA-256 of a client's secret: 256 random bits need no slow hash.
package typealias ClientSecretHash = SHA256Hash<ClientSecretText>

/// A confidential client's secret.
package struct ClientSecret: Sendable {
    /// The secret as it is shown once and sent by the client: only `A-Za-z0-9_-`, so that it reads the same percent-encoded or not.
    package let text: Secret<String>

    /// A new secret of 256 random bits.
    package static func random(_ randomBytes: RandomBytes) -> ClientSecret {
        ClientSecret(Secret(Base64URL.string(randomBytes(32))))
    }

    /// A secret that somebody offers.
    package init(_ text: Secret<String>) {
        self.text = text
    }

    /// What the database keeps of it.
    package var hash: ClientSecretHash {
        text.reveal { ClientSecretHash(of: $0.utf8) }
    }
}
