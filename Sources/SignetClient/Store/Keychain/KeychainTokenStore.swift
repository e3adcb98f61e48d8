package import SignetTokens

/// Keeps the session in the keychain of iOS, macOS and their relatives: readable after the first unlock, on this device only.
///
///     let group = FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: "group.com.example.notes")
///     let store = KeychainTokenStore(
///         service: "com.example.notes", accessGroup: "TEAM123456.com.example.notes", folder: group?.path ?? path)
///
/// - **Locked is not signed out.** A keychain that cannot be read, for whatever reason, is an error; nothing is written or deleted then.
/// - **It stays on this device**: not in iCloud, and a new phone that is set up from a backup has nobody signed in.
/// - **An app and its extensions** share the session by an access group, and a folder in their app group's container, where the lock
///   file lives. If the system suspends a process that holds the lock, it ends the process (0xdead10cc): the session goes on at the
///   next launch. On iOS we ask the system for the time that a renewal takes, so that this is rare.
/// - **After a reinstall nobody is signed in**, although the keychain has outlived the app: a mark in `folder` tells which installation
///   wrote the item. The old session is kept as ``leftover()``, and the next sign-in takes its place at the server.
///
/// On macOS the app must be signed with a keychain access group; without one, writing is an error that says so.
public struct KeychainTokenStore: TokenStore {
    private let item: KeychainItem
    private let keychain: any Keychain
    private let installation: Installation
    private let randomBytes: RandomBytes

    private var place: String { "the keychain (\(item.service), \(item.account))" }

    /// A store over any keychain.
    package init(
        _ item: KeychainItem, folder: String, keychain: any Keychain, randomBytes: @escaping RandomBytes = systemRandomBytes
    ) {
        self.item = item
        self.keychain = keychain
        installation = Installation(folder: folder)
        self.randomBytes = randomBytes
    }

    #if canImport(Security)
        /// A store in the system's keychain. This initializer was neither compiled nor run on an Apple platform yet.
        ///
        /// - Parameters:
        ///   - service: a name for the app's sessions, such as its bundle's identifier.
        ///   - account: which of the app's sessions, where it has several (``KeychainTokenStores``).
        ///   - accessGroup: the keychain access group that the app shares with its extensions; `nil` for the app's own.
        ///   - folder: where the lock file and the installation's mark are: a folder that everything which shares the session can write
        ///     to, and that goes with the app when it is removed. Whoever empties it signs the person out on this device.
        public init(service: String, account: String = "session", accessGroup: String? = nil, folder: String) {
            self.init(
                KeychainItem(service: service, account: account, accessGroup: accessGroup), folder: folder,
                keychain: SystemKeychain())
        }
    #endif

    /// The session that this installation of the app has stored; `nil` when there is none.
    /// - Throws: ``TokenStoreError``: `unreadable` (also when the device was not unlocked since its start) or `damaged`.
    public func read() throws(TokenStoreError) -> StoredSession? {
        guard let found = try find(), found.isOwn else { return nil }
        return found.session
    }

    /// The session that an earlier installation of the app has left in the keychain.
    /// - Throws: ``TokenStoreError``: `unreadable` or `damaged`.
    public func leftover() async throws(TokenStoreError) -> StoredSession? {
        guard let found = try find(), !found.isOwn else { return nil }
        return found.session
    }

    /// Replaces the stored session, or the one of an earlier installation.
    /// - Throws: ``TokenStoreError``; also when what is there cannot be read, for it may be somebody's only session.
    public func write(_ session: StoredSession) throws(TokenStoreError) {
        _ = try find()
        let mark = try installation.mark(drawnFrom: randomBytes)
        try put(session.json.reveal { Secret(mark + $0) })
    }

    /// Removes the stored session, or the one of an earlier installation.
    /// - Throws: ``TokenStoreError``; also when what is there cannot be read.
    public func clear() throws(TokenStoreError) {
        guard try find() != nil else { return }
        try remove()
    }

    /// Takes the lock of a file in the folder if it is free.
    /// - Throws: ``TokenStoreError``: `unwritable`.
    public func lock() throws(TokenStoreError) -> TokenStoreLock? {
        let file = DurableFile(path: installation.folder + "/signet-" + FileName(encoding: item.account).text + ".lock")
        do {
            try file.createFolder()
            return try FileLock.take(file.path)
        } catch {
            throw TokenStoreError(.unwritable, at: file.path, detail: "\(error)")
        }
    }

    /// Removes the item, whatever it holds.
    func remove() throws(TokenStoreError) {
        let status = keychain.delete(item)
        guard [.success, .itemNotFound].contains(status) else { throw trouble(.unwritable, status) }
    }

    private func find() throws(TokenStoreError) -> (session: StoredSession, isOwn: Bool)? {
        // First of all, for before the first unlock it cannot be read: then nothing that the keychain says is taken for an answer.
        let mark = try installation.mark()
        let (status, bytes) = keychain.read(item)
        if status == .itemNotFound { return nil }
        guard status == .success else { throw trouble(.unreadable, status) }
        guard let bytes, let session = StoredSession(json: bytes.reveal { Secret(Array($0.dropFirst(Installation.markLength))) })
        else { throw TokenStoreError(.damaged, at: place) }
        return (session, bytes.reveal { Array($0.prefix(Installation.markLength)) } == mark)
    }

    private func put(_ bytes: Secret<[UInt8]>) throws(TokenStoreError) {
        var status = keychain.update(item, bytes: bytes)
        // Others may add and delete it meanwhile; but a keychain that neither has nor takes the item must not keep us for ever.
        for _ in 1...10 where status == .itemNotFound {
            status = keychain.add(item, bytes: bytes)
            if status == .duplicateItem { status = keychain.update(item, bytes: bytes) }
        }
        guard status == .success else { throw trouble(.unwritable, status) }
    }

    private func trouble(_ problem: TokenStoreError.Problem, _ status: KeychainStatus) -> TokenStoreError {
        TokenStoreError(problem, at: place, detail: status.description)
    }
}
