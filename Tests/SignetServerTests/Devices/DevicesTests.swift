import HTTPTypes
import SignetServer
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A person's account and devices")
struct DevicesTests {
    @Test("the account says who calls")
    func showsAccount() async throws {
        try await TestServer.run { server in
            let tokens = try await server.signedIn()

            let answer = try await server.get("/v1/account", bearer: tokens.access)

            #expect(answer.status == 200)
            #expect(answer["user_id"] == server.ada.description)
            #expect(answer["username"] == "ada")
            #expect(answer.body["roles"] == [])
            #expect(answer["session_id"] == tokens.session)
            #expect(answer["client_id"] == "signet")
            #expect(answer["scope"] == "account")
            #expect(answer.headers[.cacheControl] == "no-store")
        }
    }

    @Test("the list shows each device, which one is this, and no token or hash (SES-2)")
    func listsDevices() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            _ = try await server.signedIn(["username": "bob"])
            let phone = try await server.signedIn(["device_name": "<b>phone</b>"], [.userAgent: "Phone/1.0"])
            server.clock.advance(by: .seconds(100))
            let laptop = try await server.signedIn(["client_id": "signet-cli"])
            server.clock.advance(by: .seconds(100))
            _ = try await server.post(
                "/oauth/token", form: [("grant_type", "refresh_token"), ("refresh_token", phone.refresh)],
                [.userAgent: "Phone/2.0"])

            let answer = try await server.get("/v1/sessions", bearer: laptop.access)

            let first: JSONValue = [
                "id": .string(phone.session), "device_name": "<b>phone</b>", "client_id": "signet",
                "created_at": "2023-11-14T22:13:20Z", "last_renewed_at": "2023-11-14T22:16:40Z", "address": "192.0.2.0/24",
                "user_agent": "Phone/2.0", "amr": ["pwd"], "is_current": false,
            ]
            let second: JSONValue = [
                "id": .string(laptop.session), "client_id": "signet-cli", "created_at": "2023-11-14T22:15:00Z",
                "last_renewed_at": "2023-11-14T22:15:00Z", "address": "192.0.2.0/24", "amr": ["pwd"], "is_current": true,
            ]
            #expect(answer.body["sessions"] == [first, second])
            #expect(answer.body["next"] == nil)
            #expect(answer.headers[.cacheControl] == "no-store")
        }
    }

    @Test("one device can be looked at; an ended one and another person's cannot")
    func showsDevice() async throws {
        try await TestServer.run { server in
            try await TestServer.addUser("bob", to: server.signet)
            let bob = try await server.signedIn(["username": "bob"])
            let ended = try await server.signedIn()
            _ = try await server.revoke(ended.refresh)
            let tokens = try await server.signedIn()

            #expect(try await server.get("/v1/sessions/\(tokens.session)", bearer: tokens.access).body["is_current"] == true)
            for id in [bob.session, ended.session, "nonsense"] {
                #expect(try await server.get("/v1/sessions/\(id)", bearer: tokens.access).status == 404)
            }
        }
    }

    @Test("fifty devices are a page, and next leads to the rest")
    func pages() async throws {
        try await TestServer.run { server in
            var token = ""
            for _ in 0..<51 {
                server.clock.advance(by: .milliseconds(1))
                token = try await server.signedIn().access
            }

            let first = try await server.get("/v1/sessions", bearer: token)
            let next = try #require(first["next"])
            let second = try await server.get("/v1/sessions?after=\(next)", bearer: token)

            #expect(first.body["sessions"]?.array?.count == 50)
            #expect(second.body["sessions"]?.array?.count == 1)
            #expect(second.body["next"] == nil)
            #expect(try await server.get("/v1/sessions?after=nonsense", bearer: token).status == 400)
        }
    }

    @Test(
        "the address is a trusted proxy's word, or the connection's (HTTP-8)",
        arguments: [
            ([], "203.0.113.9", "192.0.2.7"), (["192.0.2.0/24"], "203.0.113.9", "203.0.113.9"),
            (["192.0.2.0/24"], nil, "192.0.2.7"), (["192.0.2.0/24"], "6.6.6.6, 203.0.113.9", "203.0.113.9"),
            (["192.0.2.0/24", "203.0.113.0/24"], "198.51.100.4, 203.0.113.9", "198.51.100.4"),
            (["10.0.0.0/8"], "203.0.113.9", "192.0.2.7"), (["192.0.2.7"], "<script>", "192.0.2.7"),
        ] as [([String], String?, String)]
    )
    func believesTrustedProxies(proxies: [String], forwarded: String?, address: String) async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.trustedProxies = proxies.compactMap(AddressRange.init)
            $0.originKeeping = .full
        }
        try await TestServer.run(configure: configure) { server in
            let tokens = try await server.signedIn([:], forwarded.map { [.forwardedFor: $0] } ?? [:])

            #expect(try await server.get("/v1/sessions/\(tokens.session)", bearer: tokens.access)["address"] == address)
        }
    }

    @Test(
        "what is kept of a device's origin is the operator's choice; the audit log has all of it (SES-2, AUD-1)",
        arguments: [
            (.network, "198.51.100.0/24", "Phone/2"), (.full, "198.51.100.4", "Phone/2"), (.none, nil, nil),
        ] as [(OriginKeeping, String?, String?)])
    func keepsOrigins(keeping: OriginKeeping, address: String?, userAgent: String?) async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.trustedProxies = [AddressRange("192.0.2.0/24")].compactMap(\.self)
            $0.originKeeping = keeping
        }
        try await TestServer.run(configure: configure) { server in
            let tokens = try await server.signedIn([:], [.userAgent: "Phone/1", .forwardedFor: "203.0.113.9"])
            server.clock.advance(by: .seconds(60))
            let headers: HTTPFields = [.userAgent: "Phone/2", .forwardedFor: "198.51.100.4"]
            let renewal = try await server.post(
                "/oauth/token", form: [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh)], headers)

            let shown = try await server.get("/v1/sessions/\(tokens.session)", bearer: renewal.tokens().access)

            #expect(shown["address"] == address)
            #expect(shown["user_agent"] == userAgent)
            let opened = try await server.store.auditEntries(limit: 9).first { $0.entry.event == .sessionOpened }?.entry
            #expect(opened?.origin.address == "203.0.113.9")
            #expect(opened?.origin.userAgent == "Phone/1")
        }
    }
}
