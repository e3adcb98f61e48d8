import Crypto
public import SignetTokens

/// Where the keys come from to which a client binds its tokens (RFC 9449), so that stolen tokens alone are worth nothing.
///
/// The session's store keeps what finds the key again: for a key in memory the key itself, for one in hardware whatever names it
/// there (a Secure Enclave's `dataRepresentation`).
public protocol ProofKeys: Sendable {
    /// A new key, and what finds it again.
    func make() async throws -> (key: any ProofKey, reference: Secret<[UInt8]>)

    /// The key that ``make()`` gave this reference for.
    func key(for reference: Secret<[UInt8]>) async throws -> any ProofKey
}

/// Keys on P-256 that are kept in the session's store, beside the tokens.
///
/// They help when tokens leak alone: from a log, a proxy, an API. Whoever can read the store has the key as well.
public struct SoftwareProofKeys: ProofKeys {
    /// Keys from the system's generator.
    public init() {}

    /// A new key.
    public func make() -> (key: any ProofKey, reference: Secret<[UInt8]>) {
        let key = SigningKey(es256: P256.Signing.PrivateKey())
        return (key, key.secretBytes)
    }

    /// The key with these private octets.
    /// - Throws: ``SignetClientError/proofKeyUnusable`` when they are none.
    public func key(for reference: Secret<[UInt8]>) throws -> any ProofKey {
        guard let key = SigningKey(.es256, secretBytes: reference) else { throw SignetClientError.proofKeyUnusable }
        return key
    }
}
