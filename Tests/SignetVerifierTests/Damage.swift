import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

/// One way in which a server's answer is not the issuer's key set.
struct Damage: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let inflict: @Sendable (FakeServer) -> Void

    static let all: [Damage] = [
        Damage("the server is away") { $0.isReachable = false },
        Damage("no metadata") { $0[FakeServer.metadata] = nil },
        Damage(
            "metadata of another issuer, MET-7",
            metadata: ["issuer": "https://evil.example", "jwks_uri": .string(FakeServer.keys)]),
        Damage(
            "an issuer with a slash more", metadata: ["issuer": "https://id.example.com/", "jwks_uri": .string(FakeServer.keys)]),
        Damage(
            "an issuer in other letters", metadata: ["issuer": "https://ID.example.com", "jwks_uri": .string(FakeServer.keys)]),
        Damage("metadata without issuer", metadata: ["jwks_uri": .string(FakeServer.keys)]),
        Damage("metadata without keys", metadata: ["issuer": "https://id.example.com"]),
        Damage("metadata that is an array", metadata: []),
        Damage("keys over plain http", metadata: ["issuer": "https://id.example.com", "jwks_uri": "http://id.example.com/jwks"]),
        Damage(
            "an https issuer with keys on this machine",
            metadata: ["issuer": "https://id.example.com", "jwks_uri": "http://127.0.0.1/"]),
        Damage("keys in a file", metadata: ["issuer": "https://id.example.com", "jwks_uri": "file:///etc/passwd"]),
        Damage("an issuer that stands there twice", FakeServer.metadata) {
            $0.body = Array(
                #"{"issuer":"https://id.example.com","issuer":"https://id.example.com","jwks_uri":"\#(FakeServer.keys)"}"#.utf8)
        },
        Damage("metadata of more than a mebibyte", FakeServer.metadata) { $0.body += [UInt8](repeating: 0x20, count: 1 << 20) },
        Damage("a redirect of the metadata", FakeServer.metadata) {
            $0.status = .found
            $0.headers[.location] = "https://evil.example/"
        },
        Damage("a redirect of the keys", FakeServer.keys) {
            $0.status = .temporaryRedirect
            $0.headers[.location] = "https://evil.example/"
        },
        Damage("an error with a body", FakeServer.keys) { $0.status = .internalServerError },
        Damage("no content", FakeServer.keys) { $0.status = .noContent },
        Damage("keys of more than a mebibyte", FakeServer.keys) { $0.body += [UInt8](repeating: 0x20, count: 1 << 20) },
        Damage("half a key set", FakeServer.keys) { $0.body.removeLast() },
        Damage("nothing at all", FakeServer.keys) { $0.body = [] },
        Damage("a web page", FakeServer.keys) { $0.body = Array("<html>Sign in to the hotel's network</html>".utf8) },
        Damage("a set of no keys", FakeServer.keys) { $0.body = Array(#"{"keys":[]}"#.utf8) },
        Damage("keys that are no array", FakeServer.keys) { $0.body = Array(#"{"keys":{}}"#.utf8) },
        Damage("a set of useless keys", FakeServer.keys) {
            $0.body = Array(#"{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]}"#.utf8)
        },
        Damage("two keys of one kid", FakeServer.keys) { answer in
            let keys = [TestIssuer(seed: 8), TestIssuer(seed: 9)].map { issuer in
                var jwk = issuer.key.publicKey.jwk
                jwk["kid"] = "1"
                return JSONValue.object(jwk)
            }
            answer.body = (["keys": .array(keys)] as JSONValue).bytes
        },
    ]

    private init(_ name: String, _ inflict: @escaping @Sendable (FakeServer) -> Void) {
        testDescription = name
        self.inflict = inflict
    }

    private init(_ name: String, _ url: String, _ change: @escaping @Sendable (inout FakeServer.Answer) -> Void) {
        self.init(name) { server in
            guard var answer = server[url] else { return }
            change(&answer)
            server[url] = answer
        }
    }

    private init(_ name: String, metadata: JSONValue) {
        self.init(name, FakeServer.metadata) { $0.body = metadata.bytes }
    }
}
