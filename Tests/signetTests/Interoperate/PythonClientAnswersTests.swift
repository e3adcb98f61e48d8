import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("What answers to a renewal mean to a client in Python")
    struct PythonClientAnswersTests {
        private static let page = "<html>Please accept our terms.</html>"
        private static let tokens = AnsweringServer.answer(
            200,
            [
                "access_token": "access-second", "token_type": "Bearer", "expires_in": 300, "refresh_token": "refresh-second",
                "user_id": "ada", "session_id": "lamp",
            ])

        @Test(
            "none of these signs a person out: the same token and key are sent again, and the first good answer is taken",
            arguments: [
                AnsweringServer.answer(503, ["error": "temporarily_unavailable"]),
                AnsweringServer.answer(500, "text/plain", ""),
                AnsweringServer.answer(429, ["error": "slow_down"]),
                AnsweringServer.answer(200, "text/html", page),
                AnsweringServer.answer(200, ["access_token": "access-of-nobody"]),
                tokens.replacing("lamp", with: "bulb"),
                AnsweringServer.answer(400, "text/html", page),
                AnsweringServer.answer(400, "application/json", #"{"error":"invalid_grant""#),
                AnsweringServer.answer(400, "text/plain", #"{"error":"invalid_grant"}"#),
                AnsweringServer.answer(401, "text/html", page),
                AnsweringServer.answer(403, "text/html", page),
                AnsweringServer.answer(302, "text/html", page, fields: ["Location: http://127.0.0.1:1/"]),
                AnsweringServer.answer(503, ["error": "invalid_grant"]),
                "HTTP/1.1 200 OK\r\nContent-", "SSH-2.0-OpenSSH_9.2\r\n", "",
            ])
        func goesOn(answer: String) async throws {
            try await withClient { client in
                try await AnsweringServer.run({ $0 == 0 ? answer : Self.tokens }) { server in
                    try client.keep("first", from: server.url)

                    let token = try await client.token()

                    #expect(token == "access-second")
                    #expect(try client.stored["refresh_token"] == "refresh-second")
                    let key = try client.stored["idempotency_key"]?.string ?? ""
                    #expect(key != "the-key-of-the-first-token")
                    #expect((22...64).contains(key.count))
                    #expect(server.received.count == 2)
                    for request in server.received {
                        #expect(HTTPHead(request.head).value("Idempotency-Key") == "\"the-key-of-the-first-token\"")
                        #expect(String(decoding: request.body, as: UTF8.self).contains("refresh_token=refresh-first"))
                    }
                }
            }
        }

        @Test(
            "after `invalid_grant` or a lost race, a newer token that somebody else has stored is adopted", arguments: [400, 503])
        func adopts(status: Int) async throws {
            try await withClient { client in
                let (code, reason): (JSONValue, JSONValue) =
                    status == 400 ? ("invalid_grant", "reused") : ("temporarily_unavailable", "raced")
                let answer = AnsweringServer.answer(status, ["error": code, "reason": reason])
                let respond: @Sendable (Int) throws -> String = { number in
                    guard number == 0 else { return Self.tokens }
                    // Somebody who does not know the lock.
                    try client.keep("newer", from: "http://127.0.0.1:1", askedAt: Int64(Date().timeIntervalSince1970))
                    return answer
                }
                try await AnsweringServer.run(respond) { server in
                    try client.keep("first", from: server.url)

                    let token = try await client.token()

                    #expect(token == "access-newer")
                    #expect(server.received.count == 1)
                    #expect(try client.stored["refresh_token"] == "refresh-newer")
                }
            }
        }

        @Test("a late answer changes nothing: whoever signed out meanwhile stays signed out")
        func late() async throws {
            try await withClient { client in
                let respond: @Sendable (Int) throws -> String = { _ in
                    try FileManager.default.removeItem(atPath: client.store)
                    return Self.tokens
                }
                try await AnsweringServer.run(respond) { server in
                    try client.keep("first", from: server.url)

                    let outcome = try await client("token")

                    #expect(outcome.errors == "Nobody is signed in here.\n")
                    #expect(!client.isSignedIn)
                }
            }
        }

        @Test("it gives up in the time that its caller has, and keeps everything")
        func givesUp() async throws {
            try await withClient { client in
                let busy = AnsweringServer.answer(503, "text/plain", "")
                try await AnsweringServer.run({ _ in busy }) { server in
                    try client.keep("first", from: server.url)
                    let before = try client.stored
                    let program = """
                        import time
                        start = time.monotonic()
                        try: client.access_token(timeout=1)
                        except signet_client.Unavailable: print(time.monotonic() - start < 1.5)
                        """

                    let outcome = try await client.script(program)

                    #expect(outcome.output == "True\n", "\(outcome.errors)")
                    #expect(server.received.count > 2)
                    #expect(try client.stored == before)
                }
            }
        }

        @Test("a refusal of another kind is reported at once, and the tokens are kept")
        func refused() async throws {
            try await withClient { client in
                let refusal = AnsweringServer.answer(401, ["error": "invalid_client"])
                try await AnsweringServer.run({ _ in refusal }) { server in
                    try client.keep("first", from: server.url)
                    let before = try client.stored

                    let outcome = try await client("token")

                    #expect(outcome.errors == "The server refused (401 invalid_client).\n")
                    #expect(server.received.count == 1)
                    #expect(try client.stored == before)
                }
            }
        }

        @Test("while the access token lives, a renewal that is due and fails is no reason to stop")
        func dueAndFailing() async throws {
            try await withClient { client in
                let busy = AnsweringServer.answer(503, "text/plain", "")
                try await AnsweringServer.run({ _ in busy }) { server in
                    // Ten of its 300 seconds are left.
                    try client.keep("first", from: server.url, askedAt: Int64(Date().timeIntervalSince1970) - 290)

                    let token = try await client.token()

                    #expect(token == "access-first")
                    #expect(!server.received.isEmpty)
                }
            }
        }

        private func withClient(_ body: (PythonClient) async throws -> Void) async throws {
            try await Installation.make { try await body(PythonClient(in: $0.folder)) }
        }
    }
}
