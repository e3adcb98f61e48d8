/// Several sessions on one device, of several people or of one person at several servers: a store for each, under a name.
///
///     let stores = FileTokenStores("/home/ada/.local/state/notes")
///     for name in try await stores.names() { show(name, try? await stores.store(name).read()?.userID) }
///     let client = SignetClient(server: url, store: stores.store("ada@example.com"))
///
/// The app chooses the names; what a person types to sign in is a good one, for then the next sign-in under it replaces the session
/// that is there. Each store has a lock of its own: renewing one session never waits for another.
public protocol TokenStores: Sendable {
    /// The kind of the stores.
    associatedtype Store: TokenStore

    /// The store under a name; nothing is read or made yet.
    func store(_ name: String) -> Store

    /// The names under which there is something now, in order; also what cannot be read, for that is somebody's session.
    /// - Throws: ``TokenStoreError``: `unreadable` when they cannot be listed, which never means that there are none.
    func names() async throws(TokenStoreError) -> [String]

    /// Removes what is under a name without reading it: the way out when it is damaged for good and the person has agreed.
    ///
    /// The server is not told, so call ``SignetClient/signOut()`` first where that is possible.
    func remove(_ name: String) async throws(TokenStoreError)
}
