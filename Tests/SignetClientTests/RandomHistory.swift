import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One device: three processes share its store, and die, and begin again, while network, disk, clock and people do what they do.
final class RandomHistory {
    let scene = Scene()
    private(set) var deaths = 0

    private let seed: UInt64
    private let disk = MoodyStore()
    private var generator: SplitMix64
    private var processes: [(client: SignetClient, life: Life)] = []
    private var keySeed: UInt64 = 1_000
    /// Sessions that the device's people, or an operator, have ended; every other one must live.
    private var ended: Set<SessionID> = []
    private var isFirstSignIn = true

    init(seed: UInt64) {
        self.seed = seed
        generator = SplitMix64(seed: seed)
        processes = (0..<3).map { _ in newProcess() }
    }

    func run(steps: Int) async throws {
        // Weeks go by as if they were nothing; no session is to end by that.
        scene.server.with { ($0.policy.idleLifetime, $0.policy.absoluteLifetime) = (nil, nil) }
        try await signIn()
        for _ in 0..<steps { try await step() }
    }

    /// How many renewals asked again for what the server had given already, or had not heard of.
    var repeatedKeys: Int {
        let keys = scene.server.renewals.map(Self.key)
        return keys.count - Set(keys).count
    }

    /// What must be true after any history.
    func expectHonesty() {
        let (rows, requests) = scene.server.with { ($0.rows, $0.requests) }
        for (id, row) in rows where !ended.contains(id) {
            // `replaced` is a person's own new sign-in on this device.
            #expect(row.ending == nil || row.ending == .replaced, "seed \(seed)")
        }
        #expect(rows.values.allSatisfy { $0.ending != .reused }, "seed \(seed)")

        var keys: [String: Set<String>] = [:]
        for renewal in scene.server.renewals { keys[renewal.form("refresh_token") ?? "", default: []].insert(Self.key(renewal)) }
        #expect(keys.values.allSatisfy { $0.count == 1 && !$0.contains("") }, "seed \(seed)")

        for recorded in requests {
            let authority = recorded.request.authority ?? ""
            #expect(["id.example.com", "api.example.com"].contains(authority), "seed \(seed)")
            #expect(!recorded.body.contains("sgr1_") || authority == "id.example.com", "seed \(seed)")
        }
    }

    /// With network and disk well again, whoever is signed in can go on, and whoever is not is told so.
    func expectItGoesOn() async throws {
        scene.server.with { $0.faults = [] }
        disk.with { ($0.readError, $0.writeError, $0.writesAllTheSame) = (nil, nil, false) }
        scene.pass(.seconds(400))
        let client = newProcess(mayDie: false).client
        guard let session = disk.store.read() else {
            #expect(await failure { try await client.data(for: request()) } == .notSignedIn, "seed \(seed)")
            return
        }
        let error = await failure {
            let (_, response) = try await client.data(for: request())
            #expect(response.statusCode == 200, "seed \(self.seed)")
        }
        // The server's word counts, and only if somebody has asked it to end the session.
        if let error { #expect(isSignOut(error) && ended.contains(session.sessionID), "seed \(seed): \(error)") }
        #expect(await failure { try await client.accessToken() } == (error == nil ? nil : .notSignedIn), "seed \(seed)")
        expectHonesty()
    }

    private func step() async throws {
        switch Int.random(in: 0..<40, using: &generator) {
        case 0..<14: await call(one)
        case 14..<20: await callAtOnce()
        case 20..<27: scene.pass(.seconds(Int.random(in: 1...320, using: &generator)))
        case 27: scene.pass(.seconds(20 * 86_400))
        case 28: scene.wall.advance(by: .seconds(Int.random(in: -90_000...90_000, using: &generator)))
        case 29, 30: network()
        case 31, 32: replace(one)
        case 33: disk.with { $0.writeError = $0.writeError == nil ? TokenStoreError(.unwritable, at: "a full disk") : nil }
        case 34: disk.with { $0.readError = $0.readError == nil ? TokenStoreError(.unreadable, at: "a locked keychain") : nil }
        case 35: disk.with { $0.writesAllTheSame.toggle() }
        case 36: try await signIn()
        case 37: await signOut()
        case 38: scene.server.with { $0.accessTokens = [:] }
        default: revoke()
        }
    }

    private var one: Int { Int.random(in: 0..<processes.count, using: &generator) }

    private func call(_ index: Int) async { judge(await Self.error(of: processes[index].client), index) }

    private func callAtOnce() async {
        let errors = await withTaskGroup(of: (Int, SignetClientError?).self) { group in
            for (index, process) in processes.enumerated() {
                group.addTask { (index, await Self.error(of: process.client)) }
                group.addTask { (index, await Self.error(of: process.client)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (index, error) in errors { judge(error, index) }
    }

    /// Somebody has been told something: that the session has ended only if it has, and is not stored any more.
    private func judge(_ error: SignetClientError?, _ index: Int) {
        if let error, isSignOut(error) { #expect(ended.isEmpty == false, "seed \(seed): \(error)") }
        if processes[index].life.isOver {
            deaths += 1
            processes[index] = newProcess()
        }
    }

    private func network() {
        let portal = FakeSignet.Fault.answer(200, [.contentType: "text/html"], "<html>Please accept our terms")
        let faults: [FakeSignet.Fault] = [
            .loseRequest, .loseAnswer, .loseAnswer, .loseAnswer, .answer(503, [.retryAfter: "1"], ""), .answer(403, [:], "no"),
            .answer(302, [.location: "https://portal.example.com/"], ""), portal, .answer(429, [.retryAfter: "60"], ""),
        ]
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            let fault = faults[Int.random(in: 0..<faults.count, using: &generator)]
            scene.server.script("/oauth/token", fault)
        }
    }

    private func replace(_ index: Int) { processes[index] = newProcess() }

    /// A process that dies after a number of steps which is often small.
    private func newProcess(mayDie: Bool = true) -> (client: SignetClient, life: Life) {
        let isDoomed = Bool.random(using: &generator) && mayDie
        let life = Life(steps: isDoomed ? Int.random(in: 1...60, using: &generator) : 1_000_000)
        keySeed += 1
        let client = scene.client(
            store: MortalStore(store: disk, life: life), transport: MortalTransport(transport: scene.server, life: life),
            seed: keySeed)
        return (client, life)
    }

    private func signIn() async throws {
        let name = Bool.random(using: &generator) || isFirstSignIn ? "ada" : "bob"
        isFirstSignIn = false
        let before = Set(scene.server.with(\.rows).keys)
        let replaced = disk.store.read()?.sessionID
        let index = one
        let error = await failure {
            try await self.processes[index].client.signIn(username: name, password: FakeSignet.password)
        }
        // A sign-in that could not be kept gives its session back; one whose process died leaves a session that nobody has.
        if error != nil { ended.formUnion(Set(scene.server.with(\.rows).keys).subtracting(before)) }
        // The server may have replaced the old one before the death: then the stored tokens are those of an ended session.
        if let replaced, error != nil, scene.server.with({ $0.rows[replaced]?.ending }) != nil { ended.insert(replaced) }
        judge(nil, index)
    }

    private func signOut() async {
        let session = disk.store.read()?.sessionID
        let index = one
        let client = processes[index].client
        if let session { ended.insert(session) }
        if Bool.random(using: &generator) { try? await client.signOut() } else { try? await client.forget() }
        judge(nil, index)
    }

    private func revoke() {
        guard let session = disk.store.read()?.sessionID else { return }
        ended.insert(session)
        scene.server.with { $0.rows[session]?.ending = .revokedByUser }
    }

    private func isSignOut(_ error: SignetClientError) -> Bool {
        if case .signedOut = error { true } else { false }
    }

    private static func error(of client: SignetClient) async -> SignetClientError? {
        await failure { try await client.data(for: request()) }
    }

    private static func key(_ renewal: FakeSignet.Recorded) -> String {
        HTTPField.Name("Idempotency-Key").flatMap { renewal.request.headerFields[$0] } ?? ""
    }
}
