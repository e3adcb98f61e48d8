import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("A client in Python: Examples/python-client")
    struct PythonClientTests {
        @Test("signs in, calls, renews in time and when a token is refused, and signs out")
        func story() async throws {
            try await Installation.make { signet in
                try await signet.serve(["--access-lifetime", "2s"]) { _ in
                    try await signet.addUser()
                    let app = try await Notes.addApp("App", at: signet)
                    try await Notes.run(of: signet, as: try await Notes.register(at: signet)) { notes, _ in
                        let client = PythonClient(in: signet.folder)
                        let api = "http://127.0.0.1:\(notes.http.port)"
                        try await client.signIn(at: signet.issuer, client: app, origins: [api])
                        #expect(try client.modes == ["600", "700"])
                        let session = try #require(try client.stored["session_id"]?.string)

                        // Called until it has expired twice, the API never sees a token that is not good.
                        let hasRenewed = try await eventually {
                            let call = try await client("call", api + "/notes")
                            #expect(call.exit == .status(0), "\(call.errors)")
                            #expect(call.output.contains("notes"))
                            return try client.generation == 2
                        }
                        #expect(hasRenewed)
                        #expect(try client.modes == ["600", "700"])

                        // A token that is refused before its time: the API knows it from the feed.
                        let token = try await client.token()
                        _ = try await signet.http.post("/oauth/revoke", form: [("token", token)])
                        let isRefused = try await eventually { try await notes.status(token) == 401 }
                        #expect(isRefused)
                        let call = try await client("call", api + "/notes")
                        #expect(call.exit == .status(0), "\(call.errors)")

                        let signOut = try await client("sign-out")
                        #expect(signOut.exit == .status(0), "\(signOut.errors)")
                        #expect(!client.isSignedIn)
                        let shown = try await signet.listed("session", "show", session)
                        #expect(shown["ending"]?.string == "signed_out")
                        try await expectSentence("Nobody is signed in here.", client("call", api + "/notes"))
                    }
                }
            }
        }

        @Test("a session that was ended elsewhere is reported once, and then nobody is signed in")
        func signedOut() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let client = PythonClient(in: signet.folder)
                    try await client.signIn(at: signet.issuer, client: "signet")
                    try await signet.operated("user", "sign-out", "ada")

                    try client.expireAccessToken()
                    try await expectSentence("The session has ended (revoked_by_admin); sign in again.", client("token"))
                    #expect(!client.isSignedIn)
                    try await expectSentence("Nobody is signed in here.", client("token"))

                    try await client.signIn(at: signet.issuer, client: "signet")
                    try await client.token()
                }
            }
        }

        @Test("signing in again on the same device replaces its session, and a wrong password changes nothing")
        func signsInAgain() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let client = PythonClient(in: signet.folder)
                    try await client.signIn(at: signet.issuer, client: "signet")
                    try await client.signIn(at: signet.issuer, client: "signet")
                    let live = try await signet.listed("session", "list")["sessions"]?.array
                    #expect(live?.count == 1)

                    let before = try client.stored
                    let outcome = try await client("sign-in", signet.issuer, "ada", "signet", input: "wrong\n")
                    expectSentence("The server refused (401 without a reason).", outcome)
                    #expect(try client.stored == before)
                }
            }
        }

        @Test("a token goes to no origin that was not named, never where a redirect points, and nowhere without TLS")
        func origins() async throws {
            try await Installation.make { signet in
                let client = PythonClient(in: signet.folder)
                try await AnsweringServer.run({ _ in AnsweringServer.answer(200, "text/plain", "thief") }) { other in
                    let redirect = AnsweringServer.answer(307, "text/plain", "", fields: ["Location: \(other.url)/"])
                    try await AnsweringServer.run({ _ in redirect }) { named in
                        try client.keep("first", from: named.url, askedAt: Int64(Date().timeIntervalSince1970))

                        try await expectSentence("The API answered 307.", client("call", named.url + "/notes"))
                        #expect(named.received.count == 1)
                        for url in [other.url, named.url.replacing("127.0.0.1", with: "localhost"), "https://127.0.0.1"] {
                            let outcome = try await client("call", url + "/notes")
                            #expect(outcome.errors.hasSuffix("it was not named.\n"), "\(url): \(outcome.errors)")
                        }
                        let deceptive = ["http://127.0.0.1:\(named.port)@127.0.0.1:\(other.port)", "http://127.0.0.1:x"]
                        for url in deceptive + ["http://notes.example", "http://127.0.0.1.notes.example", "ftp://127.0.0.1", "/"]
                        {
                            try await expectSentence(
                                "Tokens go to addresses with https alone, or to this machine.", client("call", url))
                        }
                        #expect(other.received.isEmpty)
                        #expect(named.received.count == 1)
                    }
                }
            }
        }

        @Test("a store that cannot be read is an error of its own, and is left as it is", arguments: ["{", "[]", "{}", ""])
        func damagedStore(content: String) async throws {
            try await Installation.make { signet in
                let client = PythonClient(in: signet.folder)
                try client.keep("first", from: signet.issuer)
                try Data(content.utf8).write(to: URL(fileURLWithPath: client.store))

                for command in ["token", "sign-out"] {
                    try await expectSentence("The token store is damaged.", client(command))
                }
                let outcome = try await client("sign-in", signet.issuer, "ada", "signet", input: "never sent\n")
                expectSentence("The token store is damaged.", outcome)
                #expect(try String(contentsOfFile: client.store, encoding: .utf8) == content)
            }
        }

        private func expectSentence(
            _ sentence: String, _ outcome: SignetProcess.Outcome, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(outcome.exit == .status(1), sourceLocation: sourceLocation)
            #expect(outcome.errors == sentence + "\n", sourceLocation: sourceLocation)
        }
    }
}
