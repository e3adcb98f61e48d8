/// A private key that a session's tokens are bound to: whoever presents them proves that they have it (RFC 9449).
///
/// ``SigningKey`` is one in memory. Another may sign in hardware that never gives the key away, such as a Secure Enclave.
public protocol ProofKey: Sendable {
    /// The public half, which goes with each proof.
    var publicKey: PublicKey { get }

    /// The JWS signature over `message`: for P-256 the 64 octets R‖S (RFC 7518, section 3.4).
    func signature(over message: [UInt8]) async throws -> [UInt8]
}

extension SigningKey: ProofKey {}
