import Crypto

/// The proof that one request comes from whoever has a key: a JWT that only this request can use (RFC 9449, section 4.2).
public struct DPoPProof: Sendable {
    /// The request's method: `htm`.
    public let method: String
    /// The request's URL without query and fragment: `htu`.
    public let url: String
    /// `jti`: this proof and no other.
    public let id: String
    /// `iat`, by the clock of whoever checks it.
    public let issuedAt: UnixTime
    /// The access token that goes along; its hash is `ath`.
    public let accessToken: Secret<String>?
    /// What the server wanted to see in the proof.
    public let nonce: String?

    /// A proof for one request.
    /// - Parameter url: the request's URL; its query and its fragment stay out of the proof.
    public init(
        method: String, url: String, id: String, issuedAt: UnixTime, accessToken: Secret<String>? = nil, nonce: String? = nil
    ) {
        self.method = method
        self.url = String(url.prefix { $0 != "?" && $0 != "#" })
        self.id = id
        self.issuedAt = issuedAt
        self.accessToken = accessToken
        self.nonce = nonce
    }

    /// What is signed.
    public var claims: JSONObject {
        var claims = JSONObject()
        claims["jti"] = .string(id)
        claims["htm"] = .string(method)
        claims["htu"] = .string(url)
        claims["iat"] = .integer(issuedAt.seconds)
        claims["ath"] = accessToken.map { .string(Self.hash(of: $0)) }
        claims["nonce"] = nonce.map(JSONValue.string)
        return claims
    }

    /// The proof as it stands in the header `DPoP`.
    /// - Throws: what the key throws.
    public func signed(with key: some ProofKey) async throws -> Secret<String> {
        let header: JSONValue = [
            "typ": "dpop+jwt", "alg": .string(key.publicKey.algorithm.rawValue), "jwk": .object(key.publicKey.parameters),
        ]
        let input = Base64URL.encode(header.bytes) + [UInt8(ascii: ".")] + Base64URL.encode(JSONValue.object(claims).bytes)
        let signature = try await key.signature(over: input)
        return Secret(String(decoding: input + [UInt8(ascii: ".")] + Base64URL.encode(signature), as: UTF8.self))
    }

    /// What a proof says of the access token beside it.
    public static func hash(of accessToken: Secret<String>) -> String {
        accessToken.reveal { Base64URL.string(SHA256.hash(data: Array($0.utf8))) }
    }
}
