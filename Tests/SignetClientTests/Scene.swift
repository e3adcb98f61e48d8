import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A clock on which sleeping takes no time: it jumps to the sleeper's moment. Who allows for some tolerance only waits for the end of
/// somebody's patience, and sleeps until the clock has come there by other means.
struct FlyingClock: WallClock {
    let clock = ManualClock()

    var now: UnixTime { clock.now }
    var minimumResolution: Duration { .milliseconds(1) }

    func advance(by duration: Duration) { clock.advance(by: duration) }

    func sleep(until deadline: UnixTime, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        guard tolerance == nil else { return try await clock.sleep(until: deadline, tolerance: tolerance) }
        // Whoever looks for a lock again and again must leave its holder some real time, or the limit flies by during one fsync.
        if now.duration(to: deadline) <= .milliseconds(25) { try await Task.sleep(for: .milliseconds(1)) }
        await Task.yield()
        if deadline > now { clock.advance(by: now.duration(to: deadline)) }
    }
}

/// A door that stands open until it is closed.
actor Gate {
    private var isOpen = true
    private var waiters: [CheckedContinuation<Void, Never>] = []

    var waiting: Int { waiters.count }

    func close() { isOpen = false }

    /// Whoever waits goes on waiting.
    func openForNewcomers() { isOpen = true }

    func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

/// A server, a device's clocks and its store: what most tests begin with.
struct Scene {
    let server = FakeSignet()
    let wall = FlyingClock()
    let monotonic = FlyingClock()
    let store = MemoryTokenStore()

    static let url = URL(string: FakeSignet.origin) ?? URL(filePath: "/")
    static let api = URL(string: "https://api.example.com") ?? URL(filePath: "/")

    /// A client of the scene; each stands for a process of its own.
    func client(
        store: (any TokenStore)? = nil, transport: (any Transport)? = nil, server url: URL = Scene.url, seed: UInt64 = 2
    ) -> SignetClient {
        SignetClient(
            server: url, store: store ?? self.store, origins: [Self.api], transport: transport ?? server, clock: wall,
            monotonicClock: monotonic, randomBytes: seededRandomBytes(seed))
    }

    /// A client that has just signed in.
    func signedIn(store: (any TokenStore)? = nil) async throws -> SignetClient {
        let client = client(store: store)
        try await client.signIn(username: "ada", password: FakeSignet.password, device: "Ada's laptop")
        return client
    }

    /// Time goes by, for the server and the device alike.
    func pass(_ duration: Duration) {
        server.clock.advance(by: duration)
        wall.advance(by: duration)
        monotonic.advance(by: duration)
    }

    /// The one session that has not ended.
    var liveRow: SessionRow? { server.with { $0.rows.values.first { $0.ending == nil } } }
}

/// A request to the API of the scene.
func request(_ path: String = "/notes", at origin: String = "https://api.example.com") -> URLRequest {
    URLRequest(url: URL(string: origin + path) ?? URL(filePath: "/"))
}

/// A secret's text, for comparing.
func plain(_ secret: Secret<String>?) -> String? {
    secret?.reveal { copy $0 }
}

/// The error that an operation throws, when it is a client's.
func failure(of operation: () async throws -> some Any) async -> SignetClientError? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return error as? SignetClientError
    }
}
