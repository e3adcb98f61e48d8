import SignetTestKit
import SignetTokens
import Testing

/// Puts tokens together from whatever it is given, signed or not: the genuine one is Ada's for `https://api.example.com`.
struct Forge {
    let key = SigningKey.seeded(1)
    /// A second key of the same set.
    let edDSAKey = SigningKey.seeded(2, .edDSA)
    /// A key that is in no set.
    let strangersKey = SigningKey.seeded(3)

    var keys: KeySet { .of(key, edDSAKey) }

    var header: JSONObject {
        JSONObject([
            .init(name: "alg", value: "ES256"), .init(name: "typ", value: "at+jwt"),
            .init(name: "kid", value: .string(key.publicKey.keyID)),
        ])
    }

    var claims: JSONObject { AccessToken.fresh().claims }

    /// The genuine token with one member changed in the header, or left out.
    func header(_ name: String, _ value: JSONValue?) throws -> String {
        var header = header
        header[name] = value
        return try text(header: header)
    }

    /// The genuine token with one claim changed, or left out.
    func claim(_ name: String, _ value: JSONValue?) throws -> String {
        var claims = claims
        claims[name] = value
        return try text(claims: claims)
    }

    func text(header: JSONObject? = nil, claims: JSONObject? = nil, signedWith key: SigningKey? = nil) throws -> String {
        try raw(
            headerBytes: JSONValue.object(header ?? self.header).bytes, payload: JSONValue.object(claims ?? self.claims).bytes,
            signedWith: key)
    }

    /// A correct signature over any octets at all.
    func raw(headerBytes: [UInt8]? = nil, payload: [UInt8]? = nil, signedWith key: SigningKey? = nil) throws -> String {
        let input = input(headerBytes: headerBytes, payload: payload)
        return input + "." + Base64URL.string(try (key ?? self.key).signature(over: Array(input.utf8)))
    }

    /// Any signature at all.
    func raw(headerBytes: [UInt8]? = nil, payload: [UInt8]? = nil, signature: [UInt8]) -> String {
        input(headerBytes: headerBytes, payload: payload) + "." + Base64URL.string(signature)
    }

    func input(headerBytes: [UInt8]? = nil, payload: [UInt8]? = nil) -> String {
        let header = headerBytes ?? JSONValue.object(header).bytes
        return Base64URL.string(header) + "." + Base64URL.string(payload ?? JSONValue.object(claims).bytes)
    }

    /// What the rules say of a token.
    func verify(
        _ text: String, rules: AccessTokenRules = .example(), with keys: KeySet? = nil, now: UnixTime = .sometime
    ) throws(TokenError) -> VerifiedAccessToken {
        try rules.verify(Secret(text), with: keys ?? self.keys, now: now)
    }

    /// Why a token is refused; `nil` when it is not.
    func refusal(
        of text: String, rules: AccessTokenRules = .example(), with keys: KeySet? = nil, now: UnixTime = .sometime
    ) -> TokenError? {
        do {
            _ = try verify(text, rules: rules, with: keys, now: now)
            return nil
        } catch {
            return error
        }
    }
}

/// One forged or malformed token and why it must be refused.
struct Forgery: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let error: TokenError
    let make: @Sendable (Forge) throws -> String

    init(_ description: String, _ error: TokenError, _ make: @escaping @Sendable (Forge) throws -> String) {
        testDescription = description
        self.error = error
        self.make = make
    }

    /// A token whose header is this text.
    static func header(_ text: String, _ error: TokenError) -> Forgery {
        Forgery("header \(text)", error) { try $0.raw(headerBytes: Array(text.utf8)) }
    }

    /// A token whose header has one member changed.
    static func header(_ name: String, _ value: JSONValue?, _ error: TokenError) -> Forgery {
        Forgery("header \(name) \(value.map { String(decoding: $0.bytes.prefix(60), as: UTF8.self) } ?? "left out")", error) {
            try $0.header(name, value)
        }
    }

    /// A token with one claim changed.
    static func claim(_ name: String, _ value: JSONValue?, _ error: TokenError) -> Forgery {
        Forgery("claim \(name) \(value.map { String(decoding: $0.bytes.prefix(60), as: UTF8.self) } ?? "left out")", error) {
            try $0.claim(name, value)
        }
    }
}
