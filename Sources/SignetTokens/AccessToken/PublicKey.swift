package import Crypto
import CryptoExtras
import Foundation

/// A key that verifies signatures, as a JSON Web Key (RFC 7517): one key, one algorithm.
public struct PublicKey: Sendable {
    private enum Material: Sendable {
        case es256(P256.Signing.PublicKey)
        case edDSA(Curve25519.Signing.PublicKey)
        case rs256(_RSA.Signing.PublicKey, modulus: [UInt8], exponent: [UInt8])
    }

    /// The `kid`: what the issuer calls it; Signet's own are the thumbprint.
    public let keyID: String
    private let material: Material

    /// The one algorithm that this key verifies (RFC 8725, section 3.1).
    public var algorithm: SignatureAlgorithm {
        switch material {
        case .es256: .es256
        case .edDSA: .edDSA
        case .rs256: .rs256
        }
    }

    /// Reads a key of a set; `nil` for a key that Signet has no use for: unknown `kty` or `crv`, `use: enc`, other `key_ops`, an `alg`
    /// that is not the key's, a point off the curve, an RSA modulus outside 2048 to 8192 bits, or members missing (RFC 7517, section 5).
    public init?(jwk: JSONObject) {
        if let use = jwk["use"], use != "sig" { return nil }
        if let operations = jwk["key_ops"] {
            guard let operations = operations.strings, operations.contains("verify") else { return nil }
        }
        guard let material = Self.material(of: jwk) else { return nil }
        self.init(keyID: nil, material: material)
        if let named = jwk["alg"] {
            guard let named = named.string, SignatureAlgorithm(header: named) == algorithm else { return nil }
        }
        if let keyID = jwk["kid"] {
            guard let keyID = keyID.string, !keyID.isEmpty, keyID.utf8.count <= 256 else { return nil }
            self.init(keyID: keyID, material: material)
        }
    }

    package init(es256 key: P256.Signing.PublicKey) {
        self.init(keyID: nil, material: .es256(key))
    }

    package init(edDSA key: Curve25519.Signing.PublicKey) {
        self.init(keyID: nil, material: .edDSA(key))
    }

    private init(keyID: String?, material: Material) {
        self.keyID = keyID ?? Base64URL.string(SHA256.hash(data: JSONValue.object(Self.required(material)).bytes))
        self.material = material
    }

    /// The key as published: `kty`, its parameters, `kid`, `use` and `alg`, never anything private.
    public var jwk: JSONObject {
        var jwk = Self.required(material)
        jwk["kid"] = .string(keyID)
        jwk["use"] = "sig"
        jwk["alg"] = .string(algorithm.rawValue)
        return jwk
    }

    /// The key and nothing else: `kty` and its parameters, as they stand in a proof (RFC 9449, section 4.2).
    public var parameters: JSONObject { Self.required(material) }

    /// The RFC 7638 thumbprint: SHA-256 over the required members, in the order of their code points.
    public var thumbprint: String {
        Base64URL.string(SHA256.hash(data: JSONValue.object(Self.required(material)).bytes))
    }

    /// Whether `signature` over `message` was made with this key's private half.
    ///
    /// ES256 takes exactly 64 octets R‖S (RFC 7518, section 3.4), Ed25519 64 octets, RSA as many as the modulus has.
    public func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        switch material {
        case .es256(let key):
            guard signature.count == 64, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
                return false
            }
            return key.isValidSignature(signature, for: message)
        case .edDSA(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: message)
        case .rs256(let key, let modulus, _):
            guard signature.count == modulus.count else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .insecurePKCS1v1_5
            )
        }
    }

    private static func material(of jwk: JSONObject) -> Material? {
        func bytes(_ name: String) -> [UInt8]? { jwk[name]?.string.flatMap { Base64URL.decode($0.utf8) } }

        // Swift takes the Kelvin sign of "OKP" for a K.
        guard let type = jwk["kty"]?.string, type.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        switch (type, jwk["crv"]?.string) {
        case ("EC", "P-256"):
            // Coordinates of any other length would be a second spelling (RFC 7518, section 6.2.1.2).
            guard let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32 else { return nil }
            return (try? P256.Signing.PublicKey(x963Representation: [4] + x + y)).map(Material.es256)
        case ("OKP", "Ed25519"):
            guard let x = bytes("x"), x.count == 32 else { return nil }
            return (try? Curve25519.Signing.PublicKey(rawRepresentation: x)).map(Material.edDSA)
        case ("RSA", _):
            guard let modulus = bytes("n"), let exponent = bytes("e"), let first = modulus.first, first != 0, exponent.first != 0,
                (1...8).contains(exponent.count)
            else { return nil }
            let bits = modulus.count * 8 - first.leadingZeroBitCount
            guard (2048...8192).contains(bits), let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return nil }
            return .rs256(key, modulus: modulus, exponent: exponent)
        default:
            return nil
        }
    }

    /// The members that make the thumbprint, in code-point order.
    private static func required(_ material: Material) -> JSONObject {
        let members: [(String, String)] =
            switch material {
            case .es256(let key):
                // 04 ‖ x ‖ y, each coordinate 32 octets with its leading zeros.
                [
                    ("crv", "P-256"), ("kty", "EC"), ("x", Base64URL.string(key.x963Representation.dropFirst().prefix(32))),
                    ("y", Base64URL.string(key.x963Representation.suffix(32))),
                ]
            case .edDSA(let key):
                [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64URL.string(key.rawRepresentation))]
            case .rs256(_, let modulus, let exponent):
                [("e", Base64URL.string(exponent)), ("kty", "RSA"), ("n", Base64URL.string(modulus))]
            }
        return JSONObject(members.map { .init(name: $0.0, value: .string($0.1)) })
    }
}
