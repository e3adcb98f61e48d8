/// Where a device keeps its session: both tokens, and the idempotency key of the renewal that may be under way.
///
/// A store is shared by everything on the device that uses the session: instances, processes, an app and its extension.
/// The contract: ``read()`` gives exactly what the last finished write wrote, also after a crash; an interrupted write leaves the
/// old or the new session, never a mixture; what cannot be read is an error, not `nil`, and is neither overwritten nor removed.
public protocol TokenStore: Sendable {
    /// The stored session; `nil` only when there certainly is none.
    func read() async throws(TokenStoreError) -> StoredSession?

    /// Replaces the stored session. When it returns, the new one survives a loss of power.
    func write(_ session: StoredSession) async throws(TokenStoreError)

    /// Removes the stored session as durably.
    func clear() async throws(TokenStoreError)

    /// Takes the store's lock if it is free, without waiting; `nil` when someone else holds it, in this process or another.
    ///
    /// The lock ends with the process that holds it, however it ends. Reading needs no lock.
    func lock() async throws(TokenStoreError) -> TokenStoreLock?

    /// A session that is there, and with which nobody is signed in any more: an earlier installation of the app has left it behind.
    ///
    /// ``read()`` does not give it. The next sign-in takes its place at the server, so that the device is listed there once.
    func leftover() async throws(TokenStoreError) -> StoredSession?
}

extension TokenStore {
    /// None: what such a store keeps goes when the app is removed.
    public func leftover() async throws(TokenStoreError) -> StoredSession? { nil }
}

/// A taken lock of a ``TokenStore``; it ends when released, or when nothing refers to it any more.
public final class TokenStoreLock: Sendable {
    private let end: OnceOnly

    /// A lock that `release` gives back; it is called exactly once.
    public init(release: @escaping @Sendable () -> Void) {
        end = OnceOnly(release)
    }

    deinit {
        end.run()
    }

    /// Gives the lock back.
    public func release() {
        end.run()
    }
}
