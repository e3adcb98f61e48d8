import HTTPTypes
import SignetSessions
import SignetTokens
import Testing

@Suite("A device gets another name")
struct RenamingTests {
    @Test("the answer and the list have it, the renewal leaves it, and the audit log says who did it (AUD-1)")
    func renames() async throws {
        try await TestServer.run { server in
            let laptop = try await server.signedIn(["device_name": "Laptop"])
            let phone = try await server.signedIn(["device_name": "Phone"])

            let answer = try await server.rename(phone.session, to: "Ada's \u{1F4F1}", bearer: laptop.access)

            #expect(answer.status == 200)
            #expect(answer["device_name"] == "Ada's \u{1F4F1}")
            #expect(answer.body["is_current"] == false)
            let shown = try await server.get("/v1/sessions/\(phone.session)", bearer: laptop.access)
            #expect(shown.bytes == answer.bytes)
            #expect(try await server.renew(phone.refresh).status == 200)
            #expect(
                try await server.get("/v1/sessions/\(phone.session)", bearer: laptop.access)["device_name"]
                    == "Ada's \u{1F4F1}")
            #expect(try await server.get("/v1/sessions/\(laptop.session)", bearer: laptop.access)["device_name"] == "Laptop")
            let entry = try #require(
                try await server.store.auditEntries(limit: 5).first { $0.entry.event == .sessionRenamed }?.entry)
            #expect(entry.actor == .user)
            #expect(entry.userID == server.ada)
            #expect(entry.sessionID?.description == phone.session)
            #expect(entry.detail == "Ada's \u{1F4F1}")
            #expect(entry.origin.address == "192.0.2.7")
        }
    }

    @Test("another person's device, an ended and an unknown one are not there (SES-2)")
    func notThere() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            let bob = try await server.signedIn(["username": "bob", "device_name": "Bob's"])
            let ended = try await server.signedIn()
            _ = try await server.revoke(ended.refresh)
            let ada = try await server.signedIn()
            let unknown = "019a0000-0000-7000-8000-000000000000"

            for id in [bob.session, ended.session, unknown, "nonsense"] {
                let answer = try await server.rename(id, to: "Mine", bearer: ada.access)
                #expect(answer.status == 404)
                #expect(answer.isWellFormedError)
            }
            #expect(try await server.get("/v1/sessions/\(bob.session)", bearer: bob.access)["device_name"] == "Bob's")
            #expect(try await !server.store.auditEntries(limit: 50).contains { $0.entry.event == .sessionRenamed })
        }
    }

    @Test(
        "a name that is missing or is none is refused, as at sign-in, and changes nothing",
        arguments: [
            #"{}"#, #"{"device_name":null}"#, #"{"device_name":""}"#, #"{"device_name":7}"#, #"{"device_name":"two\nlines"}"#,
            #"{"name":"Phone"}"#, "Phone", #"["Phone"]"#,
        ])
    func refuses(body: String) async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn(["device_name": "Laptop"])

            let answer = try await server.send(
                .patch, "/v1/sessions/\(tokens.session)",
                [.authorization: "Bearer \(tokens.access)", .contentType: "application/json"], body: Array(body.utf8))

            #expect(answer.status == 400)
            #expect(answer.isWellFormedError)
            #expect(try await server.get("/v1/sessions/\(tokens.session)", bearer: tokens.access)["device_name"] == "Laptop")
        }
    }

    @Test("nobody renames without an access token for the account")
    func needsToken() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            let answer = try await server.send(
                .patch, "/v1/sessions/\(tokens.session)", [.contentType: "application/json"],
                body: Array(#"{"device_name":"Mine"}"#.utf8))

            #expect(answer.status == 401)
            #expect(answer.challenge == "Bearer realm=\"signet\"")
        }
    }
}

extension TestServer {
    /// A device called something else.
    func rename(_ session: String, to name: String, bearer token: String) async throws -> Answer {
        let body: JSONValue = ["device_name": .string(name)]
        return try await send(
            .patch, "/v1/sessions/\(session)", [.authorization: "Bearer \(token)", .contentType: "application/json"],
            body: body.bytes)
    }
}
