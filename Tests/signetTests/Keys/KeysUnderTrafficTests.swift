import Foundation
import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("Keys that change under traffic")
    struct KeysUnderTrafficTests {
        /// Short, so that a new key does not wait for minutes until it signs.
        private static let environment = ["SIGNET_KEYS_CACHE_TIME": "1s"]

        @Test("with two servers on one database every kind of key is changed, and not one call fails")
        func changes() async throws {
            try await withTwoServers { stage in
                try await withTraffic(on: stage) { traffic in
                    let first = try await stage.signingKeyID()
                    try await traffic.goOn()

                    try await stage.signet.operated("key", "rotate", environment: Self.environment)
                    try await traffic.goOn { try await stage.signingKeyIDs().allSatisfy { $0 != first } }
                    try await stage.signet.operated("key", "rotate", "--refresh")
                    try await traffic.goOn()
                    try await stage.signet.operated("key", "rotate", "--master")
                    try await traffic.goOn()
                    // Once more, by servers that have read the keys under the new master key.
                    try await stage.signet.operated("key", "rotate", "--refresh")
                    try await traffic.goOn()
                }
                let masterKeys = try FileManager.default.contents(atPath: stage.signet.folder + "/signet.key").flatMap {
                    try JSONValue(parsing: $0).object?["keys"]?.array
                }
                #expect(masterKeys?.count == 1)
            }
        }

        @Test("a key that leaked is refused by both servers and the API within a second, and every device goes on with a renewal")
        func leaks() async throws {
            try await expectInTime(.seconds(1)) { try await timeUntilRefused() }
        }

        private func timeUntilRefused() async throws -> Duration {
            try await withTwoServers { stage in
                let device = try await stage.signIn()
                let leaked = try await stage.signingKeyID()
                #expect(try await stage.doors(device.accessToken) == [200, 200, 200])

                try await stage.signet.operated("key", "retire", leaked, "--now")

                let start = ContinuousClock.now
                let isRefused = try await eventually { try await stage.doors(device.accessToken) == [401, 401, 401] }
                let time = ContinuousClock.now - start
                print("A leaked key: refused everywhere after \(Int(time / .milliseconds(1))) ms")
                #expect(isRefused)
                let renewed: IssuedTokens = try await stage.signet.renew(device.refreshToken, key: "the-key-of-the-next-token")
                    .json()
                #expect(try await stage.doors(renewed.accessToken) == [200, 200, 200])
                return time
            }
        }

        private func withTwoServers<Result>(_ body: (Stage) async throws -> Result) async throws -> Result {
            try await Installation.make { signet in
                try await signet.serve(environment: Self.environment) { _ in
                    try await signet.addUser()
                    let api = try await Notes.register(at: signet)
                    let app = try await Notes.addApp("App", at: signet)
                    let arguments = ["serve", "--port", "0", "--issuer", signet.issuer, "--database", signet.database]
                    return try await SignetProcess.run("signet", arguments, environment: Self.environment) { second in
                        let port = try #require(URL(string: try await second.ready())?.port)
                        return try await Notes.run(of: signet, as: api) { notes, _ in
                            let stage = Stage(signet: signet, other: RawHTTP(port: port), notes: notes, app: app)
                            let probe = try await stage.signIn()
                            let follows = try await eventually { try await notes.status(probe.accessToken) == 200 }
                            #expect(follows)
                            return try await body(stage)
                        }
                    }
                }
            }
        }

        private func withTraffic(on stage: Stage, _ body: (Traffic) async throws -> Void) async throws {
            let traffic = Traffic(stage: stage)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    let device = try await stage.signIn()
                    group.addTask { try await traffic.drive(device, named: "device-\(number)") }
                }
                try await body(traffic)
                await traffic.stop()
                try await group.waitForAll()
            }
            let (calls, failures) = await (traffic.calls, traffic.failures)
            print("Keys under traffic: \(calls) calls, \(failures.count) of them failed")
            #expect(failures == [])
        }
    }
}

/// Two servers on one database, and an API that follows the feed of the first.
private struct Stage: Sendable {
    let signet: Installation
    let other: RawHTTP
    let notes: Notes
    let app: String

    func signIn() async throws -> IssuedTokens {
        try await signet.signIn(client: app)
    }

    /// The keys with which the two servers sign now.
    func signingKeyIDs() async throws -> [String] {
        let token = try await signIn()
        let other: IssuedTokens = try await other.renew(token.refreshToken, key: "a-key-to-see-who-signs").json()
        return try [token, other].map { try #require(CompactJWS(parsing: $0.accessToken.utf8).header["kid"]?.string) }
    }

    func signingKeyID() async throws -> String {
        try #require(try await signingKeyIDs().first)
    }

    /// How both servers and the API answer to an access token.
    func doors(_ accessToken: String) async throws -> [Int] {
        let headers = [("Authorization", "Bearer \(accessToken)")]
        return [
            try await signet.http("GET", "/v1/account", headers: headers).status,
            try await other("GET", "/v1/account", headers: headers).status, try await notes.status(accessToken),
        ]
    }
}

/// Devices that renew at one server and then the other, and call every door with each new access token.
private actor Traffic {
    private let stage: Stage
    private var isOver = false
    private(set) var calls = 0
    private(set) var failures: [String] = []

    init(stage: Stage) {
        self.stage = stage
    }

    func drive(_ first: IssuedTokens, named name: String) async throws {
        var tokens = first
        var count = 0
        while !isOver {
            count += 1
            let server = count.isMultiple(of: 2) ? stage.signet.http : stage.other
            let answer = try await server.renew(tokens.refreshToken, key: "the-key-of-\(name)-for-token-\(count)")
            note(answer.status, "renewal \(count) of \(name): \(answer.status == 200 ? "" : answer.text)")
            guard answer.status == 200 else { continue }
            tokens = try answer.json()
            for (door, status) in zip(["first server", "second server", "API"], try await stage.doors(tokens.accessToken)) {
                note(status, "\(name) at the \(door)")
            }
        }
    }

    func stop() {
        isOver = true
    }

    /// Waits until there were forty more calls, and until something is so.
    func goOn(until isSo: () async throws -> Bool = { true }) async throws {
        let before = calls
        let hasGoneOn = try await eventually(within: .seconds(20)) {
            guard calls >= before + 40 else { return false }
            return try await isSo()
        }
        #expect(hasGoneOn)
    }

    private func note(_ status: Int, _ what: String) {
        calls += 1
        if status != 200 { failures.append("\(status) \(what)") }
    }
}
