import HTTPTypes
import SignetTokens
import Testing

@testable import SignetServer

@Suite("Reading forms at OAuth's doors")
struct OAuthFormTests {
    static let doors = ["/oauth/token", "/oauth/revoke"]
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    @Test(
        "only application/x-www-form-urlencoded is read (HTTP-2)", arguments: doors,
        [nil, "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded2", ";"]
    )
    func refusesOtherTypes(door: String, type: String?) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post, door, type.map { [.contentType: $0] } ?? [:], body: Array("grant_type=refresh_token&token=x".utf8))

            #expect(answer.verdict == "400 invalid_request")
            #expect(answer["error_description"] == "Send the parameters as application/x-www-form-urlencoded in the body.")
            #expect(answer.isWellFormedError)
        }
    }

    @Test(
        "the media type may have parameters and any case",
        arguments: ["application/x-www-form-urlencoded;charset=UTF-8", "Application/X-WWW-Form-URLEncoded ; a=b"]
    )
    func toleratesParameters(type: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/oauth/revoke", [.contentType: type], body: Array("token=x".utf8))

            #expect(answer.status == 200)
        }
    }

    @Test("parameters in the query are not read", arguments: doors)
    func ignoresQuery(door: String) async throws {
        try await TestServer.run { server in
            let refresh = try await server.signedIn().refresh

            let answer = try await server.send(
                .post, "\(door)?grant_type=refresh_token&refresh_token=\(refresh)&token=\(refresh)", Self.form, body: [])

            #expect(answer.verdict == "400 invalid_request")
            #expect(try await server.renew(refresh).status == 200)
        }
    }

    @Test(
        "a parameter that is there twice is refused, empty or unknown ones too (HTTP-3)",
        arguments: [
            "token=a&token=b", "token=a&token=", "token=&token=a", "token=a&%74oken=b", "token=a&client_id=a&client_id=b",
            "token=a&x=1&x=2",
        ]
    )
    func refusesRepetition(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/oauth/revoke", Self.form, body: Array(body.utf8))

            #expect(answer.verdict == "400 invalid_request")
            #expect(answer["error_description"] == "A parameter is there twice.")
        }
    }

    @Test(
        "an empty value counts as none, and unknown parameters are ignored (HTTP-4)",
        arguments: ["token=", "token", "=x", "", "&&", "other=x", "token[]=x", "token[0]=x"]
    )
    func countsEmptyAsAbsent(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/oauth/revoke", Self.form, body: Array(body.utf8))

            #expect(answer["error_description"] == "The parameter token is missing.")
        }
    }

    @Test(
        "what is no percent-encoding, no UTF-8, or holds a NUL is refused (TRAP-13)",
        arguments: [
            "token=%", "token=%4", "token=%zz", "token=%FF", "token=%C3%28", "token=%ED%A0%80", "token=a%00b", "to%00ken=a",
        ]
    )
    func refusesMalformed(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/oauth/revoke", Self.form, body: Array(body.utf8))

            #expect(answer["error_description"] == "The body is not a well-formed form.")
        }
    }

    @Test("raw bytes that are no UTF-8 are refused", arguments: [[0xFF], [0x00], [0xC0, 0x80]] as [[UInt8]])
    func refusesRawBytes(bytes: [UInt8]) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/oauth/revoke", Self.form, body: Array("token=".utf8) + bytes)

            #expect(answer.verdict == "400 invalid_request")
        }
    }

    @Test("percent-encoding and plus signs are decoded once")
    func decodes() throws {
        let form = try OAuthForm(
            parsing: Array("a=1+2%2B3%252B&r%C3%A9sum%C3%A9=%F0%9F%94%91&resource=x&resource=y&resource=x".utf8))

        #expect(form.plain("a") == "1 2+3%2B")
        #expect(form.plain("r\u{E9}sum\u{E9}") == "\u{1F511}")
        #expect(form.plainValues("resource") == ["x", "y"])
        #expect(form.plain("b") == nil)
    }

    @Test("64 fields are read and 65 are not; 64 KiB are read and one byte more is not (HTTP-6)", arguments: doors)
    func limitsSize(door: String) async throws {
        try await TestServer.run { server in
            func answer(_ body: String) async throws -> Answer {
                try await server.send(.post, door, Self.form, body: Array(body.utf8))
            }
            func fields(_ count: Int) -> String { (0..<count).map { "f\($0)=1" }.joined(separator: "&") }
            func bytes(_ count: Int) -> String { "x=" + String(repeating: "y", count: count - 2) }

            #expect(try await answer(fields(64))["error_description"]?.hasSuffix("is missing.") == true)
            #expect(try await answer(fields(65))["error_description"] == "The form has too many fields.")
            #expect(try await answer(bytes(65_536))["error_description"]?.hasSuffix("is missing.") == true)
            let tooLarge = try await answer(bytes(65_537))
            #expect(tooLarge.verdict == "413 invalid_request")
            #expect(tooLarge.isWellFormedError)
        }
    }
}
