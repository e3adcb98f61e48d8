import HTTPTypes
import Logging
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Where keys may be fetched from")
struct KeyURLTests {
    @Test(
        "https, and http on this very machine",
        arguments: [
            "https://id.example.com", "https://id.example.com:8443/t1", "HTTPS://id.example.com/", "http://localhost:8080",
            "http://127.0.0.1:8080", "http://127.8.8.8", "http://[::1]:8080/jwks", "https://id.example.com/jwks?version=2",
        ])
    func accepted(_ url: String) {
        #expect(KeyURL(url) != nil)
    }

    @Test(
        "and nowhere else",
        arguments: [
            "", "id.example.com", "//id.example.com", "http://id.example.com", "http://127.0.0.1.evil.example",
            "http://localhost.evil.example", "http://127.0.0.1@evil.example", "https://user@id.example.com",
            "https://user:word@id.example.com", "https://id.example.com/#keys", "ftp://id.example.com", "file:///etc/passwd",
            "https://", "https:///jwks", "http://127.1", "http://127.0.0.256", "http://0x7f.0.0.1", "http://[::2]",
            "https://id.example.com/a b", "javascript:alert(1)", "http://128.0.0.1", "http://2130706433",
        ])
    func refused(_ url: String) {
        #expect(KeyURL(url) == nil)
    }

    @Test(
        "the well-known path is inserted before the issuer's own, RFC 8414 section 3.1",
        arguments: [
            ("https://id.example.com", "id.example.com /.well-known/oauth-authorization-server"),
            ("https://id.example.com/", "id.example.com /.well-known/oauth-authorization-server"),
            ("https://id.example.com/t1", "id.example.com /.well-known/oauth-authorization-server/t1"),
            ("https://id.example.com/a/b/", "id.example.com /.well-known/oauth-authorization-server/a/b"),
            ("http://[::1]:8080/t1", "[::1]:8080 /.well-known/oauth-authorization-server/t1"),
        ])
    func metadata(_ issuer: String, _ expected: String) throws {
        let request = try #require(KeyURL(issuer)?.metadata?.request)

        #expect("\(request.authority ?? "") \(request.path ?? "")" == expected)
    }

    @Test("an issuer with a query has no metadata")
    func query() throws {
        #expect(try #require(KeyURL("https://id.example.com/?tenant=1")).metadata == nil)
    }

    @Test("an issuer with a path is asked at the right place, and believed under its own name")
    func issuerWithPath() async throws {
        let clock = ManualClock()
        let tenant = TestIssuer("https://id.example.com/t1")
        let server = FakeServer(tenant.keySet)
        server[FakeServer.metadata + "/t1"] = FakeServer.Answer(
            body: Array(#"{"issuer":"https://id.example.com/t1","jwks_uri":"\#(FakeServer.keys)"}"#.utf8))
        let verifier = AccessTokenVerifier(
            issuer: tenant.name, audience: "https://api.example.com", transport: server, clock: clock, logger: .test)

        #expect(try await verifier.verify(try tenant.token(at: clock.now)).token.issuer == tenant.name)
        #expect(server.requests == [FakeServer.metadata + "/t1", FakeServer.keys])
    }
}
