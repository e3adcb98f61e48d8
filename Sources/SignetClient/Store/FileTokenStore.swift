import SignetTokens

/// Keeps the session in a file that only its owner may read (mode 0600, in a folder made with mode 0700).
///
///     let client = SignetClient(server: url, store: FileTokenStore("/home/ada/.local/state/notes/tokens.json"))
///
/// The file is replaced as a whole and synced, and so is its folder: a crash leaves the old session or the new one. Beside it stands
/// a lock file for the processes that share it; a file system without locks (flock) is no place for it, and says so when one is
/// taken. A file that cannot be read, or is damaged, or is a link, is never overwritten or removed.
public struct FileTokenStore: TokenStore {
    /// Where the session is kept.
    public let path: String

    private var file: DurableFile { DurableFile(path: path) }

    /// A store in the file at `path`; the folders above it are made when they are needed.
    public init(_ path: String) {
        self.path = path
    }

    /// The stored session; `nil` when there is no file.
    /// - Throws: ``TokenStoreError``: `unreadable` or `damaged`.
    public func read() throws(TokenStoreError) -> StoredSession? {
        let bytes: [UInt8]?
        do {
            bytes = try file.read()
        } catch {
            throw TokenStoreError(.unreadable, at: path, detail: "\(error)")
        }
        guard let bytes else { return nil }
        guard let session = StoredSession(json: Secret(bytes)) else { throw TokenStoreError(.damaged, at: path) }
        return session
    }

    /// Replaces the stored session.
    /// - Throws: ``TokenStoreError``; also when what is there cannot be read, for it may be somebody's only session.
    public func write(_ session: StoredSession) throws(TokenStoreError) {
        _ = try read()
        try writing { () throws(FileError) in
            try file.createFolder()
            try session.json.reveal { (bytes) throws(FileError) in try file.replace(with: bytes) }
        }
    }

    /// Removes the stored session.
    /// - Throws: ``TokenStoreError``; also when what is there cannot be read.
    public func clear() throws(TokenStoreError) {
        guard try read() != nil || file.hasDraft else { return }
        try writing { () throws(FileError) in try file.remove() }
    }

    /// Takes the lock file's lock if it is free.
    /// - Throws: ``TokenStoreError``: `unwritable`.
    public func lock() throws(TokenStoreError) -> TokenStoreLock? {
        try writing { () throws(FileError) in
            try file.createFolder()
            return try FileLock.take(path + ".lock")
        }
    }

    private func writing<Result>(_ body: () throws(FileError) -> Result) throws(TokenStoreError) -> Result {
        do {
            return try body()
        } catch {
            throw TokenStoreError(.unwritable, at: path, detail: "\(error)")
        }
    }
}
