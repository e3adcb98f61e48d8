import HTTPTypes
import SignetServer
import SignetSessions
import SignetTokens
import Testing

@Suite("Signing in at POST /v1/sessions")
struct SigningInTests {
    @Test("opens a session and answers with every member of the token response")
    func answersWithTokens() async throws {
        try await TestServer.run { server in
            let answer = try await server.signIn(["device_name": "Ada's laptop"])

            #expect(answer.status == 201)
            #expect(answer["token_type"] == "Bearer")
            #expect(answer.body["expires_in"] == 300)
            #expect(answer.body["refresh_token_expires_in"] == .integer(30 * 86_400))
            #expect(answer["scope"] == "account")
            #expect(answer["user_id"] == server.ada.description)
            #expect(answer["refresh_token"]?.hasPrefix("sgr1_") == true)
            let session = try #require(answer["session_id"])
            #expect(answer.headers[.location] == "https://id.example.com/v1/sessions/\(session)")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.contentType] == "application/json")
        }
    }

    @Test("gives an access token with the claims of RFC 9068")
    func givesRFC9068Claims() async throws {
        try await TestServer.run { server in
            let answer = try await server.signIn()

            let claims = try answer.claims()
            #expect(claims["iss"] == "https://id.example.com")
            #expect(claims["sub"]?.string == server.ada.description)
            #expect(claims["aud"] == "https://id.example.com")
            #expect(claims["client_id"] == "signet")
            #expect(claims["iat"] == 1_700_000_000)
            #expect(claims["exp"] == 1_700_000_300)
            #expect(claims["auth_time"] == 1_700_000_000)
            #expect(claims["sid"]?.string == answer["session_id"])
            #expect(claims["scope"] == "account")
            #expect(claims["amr"] == ["pwd"])
        }
    }

    @Test(
        "refuses bodies that are not what it asks for",
        arguments: [
            (#"{"password":"open-sesame"}"#, "The member username is missing."),
            (#"{"username":"ada"}"#, "The member password is missing."),
            (#"{"username":null,"password":"open-sesame"}"#, "The member username is missing."),
            (#"{"username":7,"password":"open-sesame"}"#, "The member username must be a string."),
            (#"{"username":"ada","password":["open-sesame"]}"#, "The member password must be a string."),
            (#"{"username":"ada","password":"open-sesame","client_id":{}}"#, "The member client_id must be a string."),
            (#"{"username":"ada","password":"open-sesame","scope":true}"#, "The member scope must be a string."),
            (#"{"username":"ada","password":"open-sesame","resource":1e3}"#, "The member resource must be a string."),
            (#"{"username":"ada","password":"open-sesame","refresh_token":0}"#, "The member refresh_token must be a string."),
            (#"{"username":"ada","password":"open-sesame","device_name":false}"#, "The member device_name must be a string."),
            (
                #"{"username":"ada","password":"open-sesame","device_name":"a\u000d\u000ab"}"#,
                "The member device_name is malformed."
            ),
            (#"{"username":"ada","password":"open-sesame","device_name":""}"#, "The member device_name is malformed."),
            (#"{"username":"ada","username":"bob","password":"open-sesame"}"#, "The body is not a well-formed JSON object."),
            (#"{"username":"ada","\u0075sername":"bob","password":"open-sesame"}"#, "The body is not a well-formed JSON object."),
            (#"{"username":"ada","password":"open-sesame","n":1e999}"#, "The body is not a well-formed JSON object."),
            (#"{"username":"\ud800","password":"open-sesame"}"#, "The body is not a well-formed JSON object."),
            (#"{"username":"ada","password":"open-sesame"}}"#, "The body is not a well-formed JSON object."),
            (#"["ada"]"#, "The body is not a well-formed JSON object."),
            ("", "The body is not a well-formed JSON object."),
            (String(repeating: "[", count: 5000), "The body is not a well-formed JSON object."),
        ]
    )
    func refusesBadBodies(body: String, detail: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.post, "/v1/sessions", [.contentType: "application/json"], body: Array(body.utf8))

            #expect(answer.status == 400)
            #expect(answer["detail"] == detail)
            #expect(answer["code"] == "invalid_request")
            #expect(answer.isWellFormedError)
        }
    }

    @Test("refuses invalid UTF-8 (TRAP-7)")
    func refusesInvalidUTF8() async throws {
        try await TestServer.run { server in
            let body = Array(#"{"username":"ada","password":""#.utf8) + [0xFF] + Array(#""}"#.utf8)

            let answer = try await server.send(.post, "/v1/sessions", [.contentType: "application/json"], body: body)

            #expect(answer.status == 400)
        }
    }

    @Test("takes no other media type", arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/json x"])
    func takesJSONOnly(type: String?) async throws {
        try await TestServer.run { server in
            let body = Array(#"{"username":"ada","password":"\#(TestServer.password)"}"#.utf8)

            let answer = try await server.send(.post, "/v1/sessions", type.map { [.contentType: $0] } ?? [:], body: body)

            #expect(answer.status == 400)
            #expect(answer["detail"] == "Send a JSON object as application/json.")
        }
    }

    @Test("takes its media type with parameters, in any case, and ignores members that it does not know")
    func ignoresUnknownMembers() async throws {
        try await TestServer.run { server in
            let body = Array(#"{"username":"ADA","password":"\#(TestServer.password)","colour":[1,{}]}"#.utf8)

            let answer = try await server.send(
                .post, "/v1/sessions", [.contentType: "Application/JSON ; charset=utf-8"], body: body)

            #expect(answer.status == 201)
        }
    }

    @Test("says the same to an unknown user, a wrong password and a disabled user, after the same work (PWD-9)")
    func tellsNobodyWhichNamesExist() async throws {
        try await TestServer.run { server in
            let bob = try await TestServer.addUser("bob", to: server.signet)
            try await server.store.setDisabled(true, user: bob, by: .admin)
            let attempts: [[String: JSONValue]] = [
                ["username": "nobody"], ["password": .string(TestServer.wrongPassword)], ["username": "bob"],
                ["username": "no\u{7}name"],
            ]

            var answers: [Answer] = []
            for attempt in attempts {
                let before = server.signet.passwords.admitted
                answers.append(try await server.signIn(attempt))
                #expect(server.signet.passwords.admitted == before + 1)
            }

            #expect(answers.allSatisfy { $0.status == 401 && $0["code"] == "wrong_credentials" && $0.isWellFormedError })
            #expect(Set(answers.map(\.bytes)).count == 1)
            #expect(Set(answers.map { "\($0.headers)" }).count == 1)
        }
    }

    @Test("strengthens the hash silently when the setting was raised (PWD-2)")
    func strengthensHashes() async throws {
        try await TestServer.run(configure: { $0.passwordPasses = 3 }) { server in
            let weaker = try PasswordHasher(
                pool: server.signet.threads, cost: PasswordCost(memory: 8, passes: 1, parallelism: 1), maximumWaiting: 1,
                randomBytes: systemRandomBytes)
            let hash = try await weaker.hash(#require(Password(offered: Secret(TestServer.password))))
            try await server.store.setPassword(hash, of: server.ada, keeping: nil, by: .admin)

            _ = try await server.signedIn()

            let name = try #require(Username("ada"))
            let known = try #require(await server.store.credentials(of: name))
            #expect(known.passwordHash.cost.passes == 3)
            _ = try await server.signedIn()
        }
    }

    @Test("refuses a client that does not exist")
    func refusesUnknownClient() async throws {
        try await TestServer.run { server in
            for id in ["nobody", "two words", "7c9e6679-7425-40de-944b-e07fc1f90ae7"] {
                let answer = try await server.signIn(["client_id": .string(id)])

                #expect(answer.status == 401)
                #expect(answer["code"] == "invalid_client")
                #expect(answer.challenge == #"Bearer realm="signet""#)
            }
        }
    }

    @Test("refuses a client that is not first-party, or not registered for it")
    func refusesThirdParties() async throws {
        try await TestServer.run { server in
            try await server.addClient("theirs", isFirstParty: false, resources: ["https://api.example.com"])
            try await server.addClient("ours", grants: [.refreshToken])

            for id in ["theirs", "ours"] {
                let answer = try await server.signIn(["client_id": .string(id)])

                #expect(answer.status == 400)
                #expect(answer["code"] == "unauthorized_client")
            }
        }
    }

    @Test("gives no refresh token to a client that is not registered for it")
    func givesNoRefreshTokenUnasked() async throws {
        try await TestServer.run { server in
            try await server.addClient("once", grants: [.passwordSignIn])

            let answer = try await server.signIn(["client_id": "once"])

            #expect(answer.status == 201)
            #expect(answer.body["refresh_token"] == nil)
            #expect(answer.body["refresh_token_expires_in"] == nil)
        }
    }

    @Test(
        "grants what client and roles allow, and refuses what the client is not registered for",
        arguments: [
            ([], "account", "account"), ([], "account admin", "account"), (["admin"], "admin account", "account admin"),
            (["admin"], nil, "account"), ([], "payments", nil), ([], "account  admin", nil), ([], "acc\u{E9}", nil),
        ] as [([String], String?, String?)]
    )
    func grantsScope(roles: [String], asked: String?, granted: String?) async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("grace", roles: roles, to: server.signet)

            let answer = try await server.signIn(["username": "grace", "scope": asked.map(JSONValue.string) ?? .null])

            #expect(answer["scope"] == granted)
            #expect(answer["code"] == (granted == nil ? "invalid_scope" : nil))
        }
    }

    @Test("names the resource that was asked for in the audience, and the issuer besides")
    func namesResource() async throws {
        try await TestServer.run { server in
            try await server.addClient("notes", resources: ["https://notes.example.com", "https://mail.example.com"])

            let chosen = try await server.signIn(["client_id": "notes", "resource": "https://mail.example.com"])
            let first = try await server.signIn(["client_id": "notes"])
            let foreign = try await server.signIn(["client_id": "notes", "resource": "https://bank.example.com"])

            #expect(try chosen.claims()["aud"] == ["https://mail.example.com", "https://id.example.com"])
            #expect(try first.claims()["aud"] == ["https://notes.example.com", "https://id.example.com"])
            #expect(foreign["code"] == "invalid_target")
        }
    }

    @Test("replaces the session whose refresh token the device still had")
    func replacesSession() async throws {
        try await TestServer.run { server in
            let old = try await server.signedIn()

            let new = try await server.signedIn(["refresh_token": .string(old.refresh)])

            #expect(try await server.renew(old.refresh).verdict == "400 invalid_grant replaced")
            let list = try await server.get("/v1/sessions", bearer: new.access)
            #expect(list.body["sessions"]?.array?.compactMap { $0.object?["id"]?.string } == [new.session])
        }
    }

    @Test("does not replace a session of another person, and does not mind rubbish")
    func replacesOnlyOnesOwn() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            let ada = try await server.signedIn()

            _ = try await server.signedIn(["username": "bob", "refresh_token": .string(ada.refresh)])
            _ = try await server.signedIn(["username": "bob", "refresh_token": "sgr1_rubbish"])

            #expect(try await server.renew(ada.refresh).status == 200)
        }
    }
}
