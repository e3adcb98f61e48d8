import SignetTestKit
import SignetTokens

/// A refresh token of a history: a real one, or an abstract one that costs no HMAC but forks in the same places.
struct ModelToken {
    enum Body {
        case abstract(UInt64)
        case real(RefreshToken)
    }

    let generation: UInt32
    let hash: TokenHash
    let body: Body
}

/// Makes first tokens and successors: a function of the token and the refresh key's version, and of nothing else.
struct ModelMint {
    private let session: FreshSession
    private var keys: [UInt8: RefreshKey]?

    init(isReal: Bool, session: FreshSession) {
        self.session = session
        keys = isReal ? [session.key.version: session.key] : nil
    }

    func first(_ random: inout SplitMix64) -> ModelToken {
        guard keys == nil else { return ModelToken(generation: 0, hash: session.token.hash, body: .real(session.token)) }
        return Self.abstract(random.next(), generation: 0)
    }

    mutating func successor(of token: ModelToken, version: UInt8) -> ModelToken {
        switch token.body {
        case .abstract(let value):
            // Another version gives another successor, as another HMAC key does.
            var mixer = SplitMix64(seed: value &+ UInt64(version) &* 0x9E37_79B9_7F4A_7C15)
            return Self.abstract(mixer.next(), generation: token.generation + 1)
        case .real(let real):
            let key = keys?[version] ?? .seeded(version: version)
            keys?[version] = key
            let successor = real.successor(under: key, salt: session.salt)
            return ModelToken(generation: successor.generation, hash: successor.hash, body: .real(successor))
        }
    }

    private static func abstract(_ value: UInt64, generation: UInt32) -> ModelToken {
        ModelToken(generation: generation, hash: modelHash(value), body: .abstract(value))
    }
}

/// A hash that is told apart by its number; SHA-256 would take most of a history's time.
func modelHash<Kind>(_ value: UInt64) -> SHA256Hash<Kind> {
    let words = (value, ~value, value &* 0xD6E8_FEB8_6659_FD93, UInt64(0))
    let bytes = withUnsafeBytes(of: words) { [UInt8]($0) }
    return SHA256Hash(bytes: bytes) ?? SHA256Hash(of: bytes)
}

/// A nonce that is told apart by its number.
func modelNonce(_ value: UInt64) -> RequestNonce {
    let bytes = withUnsafeBytes(of: (value, ~value)) { [UInt8]($0) }
    return RequestNonce(bytes: bytes) ?? RequestNonce { _ in bytes }
}
