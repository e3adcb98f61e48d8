import HTTPTypes
import SignetServer
import SignetTestKit
import SignetTokens
import Testing

@Suite("Random mutations")
struct FuzzTests {
    static let seed: UInt64 = 0x5167_6E65_7401

    @Test("of access tokens and Authorization headers never give a 5xx, and well-formed errors always")
    func mutatesBearers() async throws {
        try await fuzz(count: 9_000) { server, tokens, mutator in
            let header = mutator.mutated(Array("Bearer \(tokens.access)".utf8))
            let path = ["/v1/account", "/v1/verify", "/v1/sessions"].randomElement(using: &mutator.generator) ?? ""
            let value = String(decoding: header, as: UTF8.self)
            return (HTTPRequest(method: .get, scheme: nil, authority: nil, path: path, headerFields: [.authorization: value]), [])
        }
    }

    @Test("of refresh tokens never give a 5xx, and well-formed errors always")
    func mutatesRefreshTokens() async throws {
        try await fuzz(count: 5_000) { server, tokens, mutator in
            let token = String(decoding: mutator.mutated(Array(tokens.refresh.utf8)), as: UTF8.self)
            let isRenewal = Bool.random(using: &mutator.generator)
            let fields = isRenewal ? [("grant_type", "refresh_token"), ("refresh_token", token)] : [("token", token)]
            return (
                Self.post(isRenewal ? "/oauth/token" : "/oauth/revoke", "application/x-www-form-urlencoded"), Form.encode(fields)
            )
        }
    }

    @Test("of forms never give a 5xx, and well-formed errors always")
    func mutatesForms() async throws {
        try await fuzz(count: 7_000) { server, tokens, mutator in
            let form = Form.encode([
                ("grant_type", "refresh_token"), ("refresh_token", tokens.refresh), ("client_id", "signet"),
                ("user_id", server.ada.description), ("access_token", tokens.access), ("scope", "account"),
                ("resource", TestServer.issuer), ("idempotency_key", Key.first), ("token", tokens.access),
            ])
            let path = Bool.random(using: &mutator.generator) ? "/oauth/token" : "/oauth/revoke"
            return (Self.post(path, "application/x-www-form-urlencoded"), mutator.mutated(form))
        }
    }

    @Test("of JSON bodies never give a 5xx, and well-formed errors always")
    func mutatesJSON() async throws {
        try await fuzz(count: 4_000) { server, tokens, mutator in
            let body: JSONValue = [
                "username": "ada", "password": .string(TestServer.wrongPassword), "client_id": "signet", "scope": "account",
                "device_name": "Ada's \u{1F4F1}", "resource": .string(TestServer.issuer),
                "refresh_token": .string(tokens.refresh),
                "nested": [["a": 1], [1, -2, true, .null, .number(1.5e300)]],
            ]
            return (Self.post("/v1/sessions", "application/json"), mutator.mutated(body.bytes))
        }
    }

    private static func post(_ path: String, _ type: String) -> HTTPRequest {
        HTTPRequest(method: .post, scheme: nil, authority: nil, path: path, headerFields: [.contentType: type])
    }

    private func fuzz(
        count: Int, _ request: @escaping @Sendable (TestServer, Tokens, inout Mutator) -> (HTTPRequest, [UInt8])
    ) async throws {
        // Without a window no renewal is asked to come again, so that each 5xx is a fault.
        try await TestServer.run(configure: { $0.window = .zero }) { server in
            let client = DirectClient(server)
            var tokens = try await server.signedIn()
            var mutator = Mutator(generator: SplitMix64(seed: Self.seed))
            for round in 0..<count {
                // What is mutated now and then still is a good token, which renews or ends its session.
                if round.isMultiple(of: 500) { tokens = try await server.signedIn() }
                let (head, body) = request(server, tokens, &mutator)

                let answer = try await client.send(head, body)

                guard answer.status < 400 || (answer.status < 500 && answer.isWellFormedError) else {
                    Issue.record(
                        "seed \(Self.seed), round \(round): \(answer.status) \(String(decoding: answer.bytes, as: UTF8.self))")
                    return
                }
            }
            #expect(server.errors.isEmpty)
        }
    }
}

/// Changes bytes as transport, attackers and bad clients do.
struct Mutator: Sendable {
    var generator: SplitMix64

    private static let spice: [[UInt8]] = [
        [0], [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], Array("%00".utf8), Array("%zz".utf8), Array("&".utf8), Array("=".utf8),
        Array("\"".utf8), Array("\\u0000".utf8), Array("\\ud800".utf8), Array("{".utf8), Array("[".utf8), Array("1e999".utf8),
        Array("9223372036854775808".utf8), Array("\r\n".utf8), Array(",".utf8), Array(".".utf8), Array("refresh_token".utf8),
        Array("idempotency_key=x".utf8), Array(String(repeating: "[", count: 100).utf8), Array("\u{1F511}".utf8),
    ]

    /// One to four changes.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0...3, using: &generator) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0...12, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where start < bytes.count: bytes[start] = UInt8.random(in: .min ... .max, using: &generator)
        case 2: bytes.removeSubrange(start..<end)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 4: bytes.insert(contentsOf: Self.spice.randomElement(using: &generator) ?? [], at: start)
        case 5: bytes.removeSubrange(start...)
        default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: start)
        }
    }
}
