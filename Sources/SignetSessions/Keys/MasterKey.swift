import Crypto
package import SignetTokens

/// The key under which all other keys are sealed in the database. It lives beside the database, never in it: either alone is useless.
package struct MasterKey: Sendable {
    /// What a sealed key says it was sealed with.
    package let id: String
    /// The 32 bytes, as they stand in the key file.
    let material: Secret<[UInt8]>
    private let key: Secret<SymmetricKey>

    /// A key from its id and 32 bytes.
    package init(id: String, material: Secret<[UInt8]>) {
        self.id = id
        self.material = material
        key = material.reveal { Secret(SymmetricKey(data: $0)) }
    }

    /// A new key.
    package static func random(_ randomBytes: RandomBytes) -> MasterKey {
        MasterKey(id: Base64URL.string(randomBytes(9)), material: Secret(randomBytes(32)))
    }

    /// Seals with AES-256-GCM; `purpose` is authenticated with it, so that one sealed key cannot stand in another's place.
    package func seal(_ secret: Secret<[UInt8]>, for purpose: String) throws -> [UInt8] {
        try key.reveal { key in
            try secret.reveal { secret in
                // Without an explicit nonce CryptoKit takes a random one, 12 octets, and puts it in front.
                guard let combined = try AES.GCM.seal(secret, using: key, authenticating: Array(purpose.utf8)).combined else {
                    throw SealBroken()
                }
                return Array(combined)
            }
        }
    }

    /// Opens what ``seal(_:for:)`` sealed.
    /// - Throws: ``SealBroken`` when it was sealed under another key, for another purpose, or was changed.
    package func open(_ sealed: [UInt8], for purpose: String) throws(SealBroken) -> Secret<[UInt8]> {
        let opened: [UInt8]? = key.reveal { key in
            guard let box = try? AES.GCM.SealedBox(combined: sealed) else { return nil }
            return (try? AES.GCM.open(box, using: key, authenticating: Array(purpose.utf8))).map { Array($0) }
        }
        guard let opened else { throw SealBroken() }
        return Secret(opened)
    }
}

/// A sealed key cannot be opened.
package struct SealBroken: Error {}
