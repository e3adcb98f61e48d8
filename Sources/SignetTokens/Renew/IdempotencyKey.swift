/// A client's idempotency key for one refresh token: created once per token, durably, before the renewal is asked for.
///
/// 22 to 64 characters of `A-Z a-z 0-9 - _`, at least 128 random bits, either bare or as the quoted string that
/// draft-ietf-httpapi-idempotency-key-header section 2.1 demands. It is a secret: whoever has it and the spent token gets the successor.
public struct IdempotencyKey: Sendable {
    private let characters: Secret<[UInt8]>

    /// Reads a key as it stood in the header or the form field; `nil` when it is not one.
    public init?(_ text: Secret<String>) {
        let bytes: [UInt8]? = text.reveal { text in
            var bytes = Array(text.utf8)
            if bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") {
                bytes = Array(bytes.dropFirst().dropLast())
            }
            guard (22...64).contains(bytes.count), bytes.allSatisfy(Self.isKeyCharacter) else { return nil }
            return bytes
        }
        guard let bytes else { return nil }
        characters = Secret(bytes)
    }

    /// A new key of 256 random bits.
    public static func random(_ randomBytes: RandomBytes) -> IdempotencyKey {
        IdempotencyKey(characters: Base64URL.encode(randomBytes(32)))
    }

    /// The bare key, as a client stores and sends it.
    public var text: Secret<String> {
        characters.reveal { Secret(String(decoding: $0, as: UTF8.self)) }
    }

    /// What the server keeps of it, bound to the session so that one key says nothing about two sessions.
    public func hash(in session: SessionID) -> IdempotencyKeyHash {
        characters.reveal { IdempotencyKeyHash(of: session.bytes + $0) }
    }

    private init(characters: [UInt8]) {
        self.characters = Secret(characters)
    }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
