/// What an app may want to show: whether someone is signed in.
public enum SessionState: Hashable, Sendable {
    /// Someone is signed in: told after a sign-in, here or through another client of the same store, when the session is first found
    /// in the store, and when tokens that were `unsaved` have been stored.
    case signedIn
    /// Nobody is signed in any more. `reason` is the server's word when the server ended the session, `nil` when the app did,
    /// or another client of the same store.
    case signedOut(reason: String?)
    /// New tokens could not be stored. They are used from memory, and nobody is signed out if they are lost; but the next renewal
    /// waits until the store can be written, and once the access token has expired calls throw ``SignetClientError/store(_:)``.
    case unsaved(TokenStoreError)
    /// What is stored cannot be read, so nobody knows yet whether someone is signed in: told at first alone, before anything was read.
    case unreadable(TokenStoreError)
}
