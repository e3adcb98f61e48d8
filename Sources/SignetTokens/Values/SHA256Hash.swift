import Crypto

/// The SHA-256 of something secret: what the database keeps in its place. Compared in constant time.
public struct SHA256Hash<Kind>: Sendable {
    /// The 32 octets.
    public let bytes: [UInt8]

    /// A hash read back from the database; `nil` unless it has 32 octets.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    package init(of message: some Sequence<UInt8>) {
        bytes = Array(SHA256.hash(data: Array(message)))
    }

    /// The first eight hexadecimal digits: enough to tell tokens apart in a log, useless for anything else.
    public var fingerprint: String {
        bytes.prefix(4).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}

extension SHA256Hash: Hashable {
    /// Compares all octets, whichever differs.
    public static func == (left: Self, right: Self) -> Bool {
        constantTimeEqual(left.bytes, right.bytes)
    }
}

/// What a ``TokenHash`` is the hash of.
public enum RefreshTokenText {}
/// What an ``IdempotencyKeyHash`` is the hash of.
public enum SessionAndIdempotencyKey {}

/// SHA-256 of a refresh token's text.
public typealias TokenHash = SHA256Hash<RefreshTokenText>
/// SHA-256 of session id | idempotency key.
public typealias IdempotencyKeyHash = SHA256Hash<SessionAndIdempotencyKey>
