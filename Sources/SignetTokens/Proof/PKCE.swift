import Crypto

/// The proof that whoever exchanges an authorization code also asked for it (RFC 7636): a secret that shows itself only then.
///
/// The method is `S256` and no other; `plain` proves nothing to whoever can read the request.
public struct CodeVerifier: Sendable {
    /// The verifier, as it goes to the token endpoint.
    public let text: Secret<String>

    /// Reads a verifier; `nil` unless it is 43 to 128 of `A-Z a-z 0-9 - . _ ~` (section 4.1).
    public init?(_ text: Secret<String>) {
        let isVerifier = text.reveal { text in
            (43...128).contains(text.utf8.count) && text.utf8.allSatisfy(Self.isVerifierCharacter)
        }
        guard isVerifier else { return nil }
        self.text = text
    }

    /// A new verifier of 256 random bits.
    public static func random(_ randomBytes: RandomBytes) -> CodeVerifier {
        CodeVerifier(characters: Base64URL.string(randomBytes(32)))
    }

    /// What the authorization request shows of it: its SHA-256, 43 characters of base64url (section 4.2).
    public var challenge: String {
        text.reveal { Base64URL.string(SHA256.hash(data: Array($0.utf8))) }
    }

    private init(characters: String) {
        text = Secret(characters)
    }

    private static func isVerifierCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
