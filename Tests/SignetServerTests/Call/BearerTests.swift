import Foundation
import HTTPTypes
import SignetServer
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSessions

@Suite("Bearer tokens at Signet's own doors")
struct BearerTests {
    private static let id = "018bcfe5-6800-7000-8000-000000000000"
    static let doors: [(method: HTTPRequest.Method, path: String)] = [
        (.get, "/v1/account"), (.get, "/v1/verify?scope=account"), (.get, "/v1/sessions"), (.get, "/v1/sessions/\(id)"),
        (.delete, "/v1/sessions/\(id)"), (.delete, "/v1/sessions?all=true"),
    ]
    private static let invalid =
        #"Bearer realm="signet", error="invalid_token", error_description="The access token is not valid""#

    @Test("without credentials, or with another scheme's, the challenge is bare (BEA-3)", arguments: doors)
    func challengesBarely(method: HTTPRequest.Method, path: String) async throws {
        try await TestServer.run { server in
            for headers in [[:], [.authorization: "Basic YTpi"], [.authorization: "Bearerx y"]] as [HTTPFields] {
                let answer = try await server.send(method, path, headers)

                #expect(answer.status == 401)
                #expect(answer.challenge == #"Bearer realm="signet""#)
                #expect(answer.isWellFormedError)
            }
        }
    }

    @Test("a bad token is invalid_token, an expired one says so (BEA-4, BEA-5)", arguments: doors)
    func challengesBadTokens(method: HTTPRequest.Method, path: String) async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access
            server.clock.advance(by: .seconds(305))

            let garbage = try await server.send(method, path, [.authorization: "Bearer abc.def.ghi"])
            let expired = try await server.send(method, path, [.authorization: "Bearer \(token)"])

            #expect(garbage.status == 401)
            #expect(garbage.challenge == Self.invalid)
            #expect(expired.status == 401)
            #expect(
                expired.challenge
                    == #"Bearer realm="signet", error="invalid_token", error_description="The access token expired""#)
            #expect(garbage.isWellFormedError && expired.isWellFormedError)
        }
    }

    @Test("too little scope is 403 with the scope that it takes", arguments: doors)
    func challengesForScope(method: HTTPRequest.Method, path: String) async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("grace", roles: ["admin"], to: server.signet)
            let refresh = try await server.signedIn(["username": "grace", "scope": "account admin"]).refresh
            let token = try await server.renew(refresh, [("scope", "admin")]).tokens().access

            let answer = try await server.send(method, path, [.authorization: "Bearer \(token)"])

            #expect(answer.status == 403)
            #expect(
                answer.challenge
                    == #"Bearer realm="signet", error="insufficient_scope", "#
                    + #"error_description="The access token does not have the scope that this needs.", scope="account""#)
            #expect(answer.isWellFormedError)
        }
    }

    @Test(
        "a header that is not one is invalid_request (BEA-1)",
        arguments: [
            ["Bearer"], ["Bearer "], ["bearer a b"], ["Bearer a,b"], ["Bearer =="], ["Bearer a=b"], ["Bearer \u{E9}"],
            ["Bearer a", "Bearer a"],
        ]
    )
    func refusesMalformedHeaders(values: [String]) async throws {
        try await TestServer.run { server in
            var headers: HTTPFields = [:]
            for value in values { headers.append(HTTPField(name: .authorization, value: value)) }

            let answer = try await server.send(.get, "/v1/account", headers)

            #expect(answer.status == 400)
            #expect(answer["code"] == "invalid_request")
            #expect(answer.challenge?.hasPrefix(#"Bearer realm="signet", error="invalid_request", error_description=""#) == true)
        }
    }

    @Test("the scheme is read without case, and a token in the query not at all (BEA-2)")
    func readsHeaderAlone() async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access

            #expect(try await server.send(.get, "/v1/account", [.authorization: "bEARER   \(token)"]).status == 200)
            #expect(try await server.get("/v1/account?access_token=\(token)").challenge == #"Bearer realm="signet""#)
        }
    }

    @Test("an expired token is accepted for five seconds more and no longer")
    func allowsLittleLeeway() async throws {
        try await TestServer.run { server in
            let token = try await server.signedIn().access

            server.clock.advance(by: .milliseconds(304_999))
            #expect(try await server.get("/v1/account", bearer: token).status == 200)
            server.clock.advance(by: .milliseconds(1))
            #expect(try await server.get("/v1/account", bearer: token).status == 401)
        }
    }

    @Test("every kind of token at every door: only access tokens pass as such (TRAP-10)")
    func tellsKindsApart() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()
            let key = try await server.signingKey()
            let claims = try Tokens.claims(of: tokens.access)
            var others = [tokens.refresh, Key.first, tokens.access + ".x", tokens.access + "="]
            for type in ["JWT", "jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "token-introspection+jwt", "at", ""] {
                others.append(try CompactJWS.sign(claims, type: type, with: key).reveal { String($0) })
            }
            // Signed likewise and of the right type, so the others fail by their type and by nothing else.
            let twin = try CompactJWS.sign(claims, type: "at+jwt", with: key).reveal { String($0) }

            #expect(try await server.get("/v1/account", bearer: twin).status == 200)
            for (method, path) in Self.doors {
                for token in others {
                    let answer = try await server.send(method, path, [.authorization: "Bearer \(token)"])
                    #expect(answer.status == 401)
                    #expect(answer.challenge == Self.invalid)
                }
            }
            for token in others.dropFirst() + [tokens.access] {
                #expect(try await server.renew(token).verdict == "400 invalid_grant")
            }
            for token in others {
                let answer = try await server.renew(tokens.refresh, [("access_token", token)], key: Key.first)
                #expect(answer.verdict == "400 invalid_grant mismatch")
            }
            // Kinds that can never be revoked are told so (REV-6); an access token can.
            for type in ["JWT", "secevent+jwt"] {
                let other = try CompactJWS.sign(claims, type: type, with: key).reveal { String($0) }
                #expect(try await server.revoke(other).verdict == "400 unsupported_token_type")
            }
            #expect(try await server.get("/v1/account", bearer: tokens.access).status == 200)
            #expect(try await server.renew(tokens.refresh).status == 200)
        }
    }
}

extension TestServer {
    /// The key that signs now, opened as the server itself opens it.
    fileprivate func signingKey() async throws -> SigningKey {
        let foundation = try #require(await store.foundation())
        let sealed = try #require(foundation.signingKeys.active(at: clock.now))
        let master = try #require(MasterKeyFile(path: ServerConfiguration.keyFile(beside: database)).read().first)
        let secret = try master.open(sealed.sealed, for: SealedSigningKey.purpose(sealed.keyID))
        return try #require(SigningKey(sealed.algorithm, secretBytes: secret))
    }
}
