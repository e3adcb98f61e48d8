package import SignetSessions
package import SignetTokens
import Synchronization

/// A store that a test looks at: it notes every call, and lets the test fail it, hold it up, or do something else first.
package final class WatchedStore: SessionStore {
    /// What happens before a call goes through; its argument is the method's name, such as `rotate(_:)`.
    package typealias Interception = @Sendable (_ method: String) async throws -> Void

    private let store: any SessionStore
    private let noted = Mutex<[String]>([])
    private let interception = Mutex<Interception?>(nil)
    private let foundationInstead = Mutex<ServerFoundation?>(nil)

    package init(_ store: any SessionStore) {
        self.store = store
    }

    /// The methods called so far, in order.
    package var calls: [String] { noted.withLock(\.self) }

    /// From now on does `interception` before each call.
    package func intercept(_ interception: Interception?) {
        self.interception.withLock { $0 = interception }
    }

    /// From now on tells of other keys than the store has, as when another process has made some.
    package func tell(of foundation: ServerFoundation) {
        foundationInstead.withLock { $0 = foundation }
    }

    private func pass(_ method: String = #function) async throws {
        noted.withLock { $0.append(method) }
        try await interception.withLock(\.self)?(method)
    }

    package func credentials(of name: Username) async throws -> Credentials? {
        try await pass()
        return try await store.credentials(of: name)
    }

    package func openSession(_ opening: SessionOpening) async throws -> SessionStanding {
        try await pass()
        return try await store.openSession(opening)
    }

    package func strengthenPasswordHash(of user: UserID, from old: PasswordHash, to new: PasswordHash) async throws {
        try await pass()
        try await store.strengthenPasswordHash(of: user, from: old, to: new)
    }

    package func rotate(_ rotation: Rotation) async throws -> RotationOutcome {
        try await pass()
        return try await store.rotate(rotation)
    }

    package func standing(of session: SessionID, user: UserID, defaults: PolicyDefaults) async throws -> SessionStanding? {
        try await pass()
        return try await store.standing(of: session, user: user, defaults: defaults)
    }

    package func revokeSession(_ revocation: SessionRevocation) async throws -> RevocationOutcome {
        try await pass()
        return try await store.revokeSession(revocation)
    }

    package func revokeSessions(_ revocation: UserRevocation) async throws -> Int {
        try await pass()
        return try await store.revokeSessions(revocation)
    }

    package func sessions(
        of user: UserID?, after cursor: SessionID?, limit: Int, defaults: PolicyDefaults
    ) async throws -> [SessionStanding] {
        try await pass()
        return try await store.sessions(of: user, after: cursor, limit: limit, defaults: defaults)
    }

    package func renameSession(_ renaming: SessionRenaming) async throws -> SessionStanding? {
        try await pass()
        return try await store.renameSession(renaming)
    }

    package func user(of session: SessionID) async throws -> UserID? {
        try await pass()
        return try await store.user(of: session)
    }

    package func addUser(
        _ id: UserID, name: Username, email: String?, password: PasswordHash, roles: [String]
    ) async throws -> User {
        try await pass()
        return try await store.addUser(id, name: name, email: email, password: password, roles: roles)
    }

    package func user(named name: Username) async throws -> User? {
        try await pass()
        return try await store.user(named: name)
    }

    package func users(after cursor: Username?, limit: Int) async throws -> [User] {
        try await pass()
        return try await store.users(after: cursor, limit: limit)
    }

    package func setDisabled(_ isDisabled: Bool, user: UserID, by actor: SignetSessions.Actor) async throws {
        try await pass()
        try await store.setDisabled(isDisabled, user: user, by: actor)
    }

    package func setPassword(
        _ hash: PasswordHash, of user: UserID, keeping kept: SessionID?, by actor: SignetSessions.Actor
    ) async throws {
        try await pass()
        try await store.setPassword(hash, of: user, keeping: kept, by: actor)
    }

    package func addClient(_ client: Client, secret: ClientSecretHash?) async throws {
        try await pass()
        try await store.addClient(client, secret: secret)
    }

    package func secretHashes(of client: ClientID) async throws -> [ClientSecretHash] {
        try await pass()
        return try await store.secretHashes(of: client)
    }

    package func secretMoments(of client: ClientID) async throws -> [UnixTime] {
        try await pass()
        return try await store.secretMoments(of: client)
    }

    package func addSecret(
        _ secret: ClientSecretHash, to client: ClientID, by actor: SignetSessions.Actor
    ) async throws {
        try await pass()
        try await store.addSecret(secret, to: client, by: actor)
    }

    package func dropOlderSecret(of client: ClientID, by actor: SignetSessions.Actor) async throws {
        try await pass()
        try await store.dropOlderSecret(of: client, by: actor)
    }

    package func updateClient(
        _ id: ClientID, by actor: SignetSessions.Actor, _ change: @escaping @Sendable (Client) throws -> Client
    ) async throws -> Client {
        try await pass()
        return try await store.updateClient(id, by: actor, change)
    }

    package func revokeToken(_ revocation: TokenRevocation) async throws -> Bool {
        try await pass()
        return try await store.revokeToken(revocation)
    }

    package func isTokenRevoked(_ tokenID: String, keyID: String) async throws -> Bool {
        try await pass()
        return try await store.isTokenRevoked(tokenID, keyID: keyID)
    }

    package func revocations(after position: FeedPosition?, limit: Int) async throws -> RevocationPage {
        try await pass()
        return try await store.revocations(after: position, limit: limit)
    }

    package func endOfRevocations() async throws -> FeedPosition {
        try await pass()
        return try await store.endOfRevocations()
    }

    package func forgetDeadSessions(
        after cursor: SessionCursor?, deadFor retention: Duration, defaults: PolicyDefaults, limits: ForgettingLimits
    ) async throws -> ForgottenSessions {
        try await pass()
        return try await store.forgetDeadSessions(after: cursor, deadFor: retention, defaults: defaults, limits: limits)
    }

    package func forgetRevocations(limit: Int) async throws -> Int {
        try await pass()
        return try await store.forgetRevocations(limit: limit)
    }

    package func client(_ id: ClientID) async throws -> Client? {
        try await pass()
        return try await store.client(id)
    }

    package func clients() async throws -> [Client] {
        try await pass()
        return try await store.clients()
    }

    package func removeClient(_ id: ClientID, by actor: SignetSessions.Actor) async throws {
        try await pass()
        try await store.removeClient(id, by: actor)
    }

    package func foundation() async throws -> ServerFoundation? {
        try await pass()
        if let told = foundationInstead.withLock(\.self) { return told }
        return try await store.foundation()
    }

    package func found(_ foundation: ServerFoundation, clients: [Client], roles: [Role]) async throws {
        try await pass()
        try await store.found(foundation, clients: clients, roles: roles)
    }

    package func setIssuer(_ issuer: String) async throws {
        try await pass()
        try await store.setIssuer(issuer)
    }

    package func changeKeys(_ change: KeyChange) async throws -> Int {
        try await pass()
        return try await store.changeKeys(change)
    }

    package func keysRevision() async throws -> Int64 {
        try await pass()
        return try await store.keysRevision()
    }

    package func report(_ server: ServerID, masterKeyID: String, keyCacheTime: Duration) async throws {
        try await pass()
        try await store.report(server, masterKeyID: masterKeyID, keyCacheTime: keyCacheTime)
    }

    package func forgetServer(_ server: ServerID) async throws {
        try await pass()
        try await store.forgetServer(server)
    }

    package func runningServers() async throws -> [ServerReport] {
        try await pass()
        return try await store.runningServers()
    }

    package func auditEntries(limit: Int) async throws -> [RecordedAuditEntry] {
        try await pass()
        return try await store.auditEntries(limit: limit)
    }

    package func checkHealth() async throws {
        try await pass()
        try await store.checkHealth()
    }
}
