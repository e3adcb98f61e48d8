import NIOPosix
import SignetSQLite
import SignetSessions
import SignetTokens

/// A founded server with one user, whose password costs next to nothing: what is measured is everything else.
struct BenchmarkServer {
    let ring: KeyRing
    let store: SQLiteStore
    /// Without idle windows: each renewal rotates, and so writes.
    let defaults = PolicyDefaults(window: .zero)
    let renew: RenewSession
    private let signIn: SignIn

    private static let password = Password(offered: Secret("correct horse battery staple"))

    init(folder: String) async throws {
        let clock = SystemWallClock()
        store = try SQLiteStore(path: folder + "/signet.db", create: true, clock: clock)
        let keyFile = MasterKeyFile(path: folder + "/signet.key")
        let (foundation, masterKeys) = try await FoundServer(
            store: store, keyFile: keyFile, clock: clock, randomBytes: systemRandomBytes)(issuer: "https://id.example.com")
        let passwords = try PasswordHasher(
            pool: .singleton, cost: PasswordCost(memory: 8, passes: 1, parallelism: 1), maximumWaiting: 1000,
            randomBytes: systemRandomBytes)
        let issue = IssueAccessToken(defaults: defaults, randomBytes: systemRandomBytes)
        ring = try KeyRing(foundation, masterKeys: masterKeys, keyFile: keyFile, store: store, clock: clock)
        renew = RenewSession(
            store: store, keys: ring, issue: issue, defaults: defaults, keeping: .network, randomBytes: systemRandomBytes)
        signIn = SignIn(
            store: store, passwords: passwords, keys: ring, issue: issue, defaults: defaults, keeping: .network, clock: clock,
            randomBytes: systemRandomBytes)
        if let name = Username("ada"), let password = Self.password, try await store.user(named: name) == nil {
            _ = try await store.addUser(
                .random(systemRandomBytes), name: name, email: nil, password: passwords.hash(password), roles: [])
        }
    }

    /// One device more.
    func signedIn() async throws -> TokenPair {
        try await signIn(
            SignInRequest(username: Username("ada"), password: Self.password, origin: .unknown, deadline: .none))
    }
}
