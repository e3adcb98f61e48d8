/// Several sessions in the keychain, each as ``KeychainTokenStore`` keeps it: a store's name is its item's account.
public struct KeychainTokenStores: TokenStores {
    private let service: String
    private let accessGroup: String?
    private let folder: String
    private let keychain: any Keychain

    /// The sessions in any keychain.
    package init(service: String, accessGroup: String?, folder: String, keychain: any Keychain) {
        self.service = service
        self.accessGroup = accessGroup
        self.folder = folder
        self.keychain = keychain
    }

    #if canImport(Security)
        /// The sessions in the system's keychain, with the same words as for one (``KeychainTokenStore``). This initializer was neither
        /// compiled nor run on an Apple platform yet.
        public init(service: String, accessGroup: String? = nil, folder: String) {
            self.init(service: service, accessGroup: accessGroup, folder: folder, keychain: SystemKeychain())
        }
    #endif

    /// The store under a name.
    public func store(_ name: String) -> KeychainTokenStore {
        KeychainTokenStore(
            KeychainItem(service: service, account: name, accessGroup: accessGroup), folder: folder, keychain: keychain)
    }

    /// The names of the sessions that this installation of the app has stored, in order, also of those that are damaged.
    /// - Throws: ``TokenStoreError``: `unreadable`.
    public func names() throws(TokenStoreError) -> [String] {
        let (status, accounts) = keychain.accounts(service: service, accessGroup: accessGroup)
        guard [.success, .itemNotFound].contains(status) else {
            throw TokenStoreError(.unreadable, at: "the keychain (\(service))", detail: status.description)
        }
        // Whoever deleted the app does not want to meet the names of its users again.
        return accounts.filter { name in
            do {
                return try store(name).read() != nil
            } catch {
                return true
            }
        }.sorted()
    }

    /// Removes the item under a name, whatever it holds.
    /// - Throws: ``TokenStoreError``: `unwritable`.
    public func remove(_ name: String) throws(TokenStoreError) {
        try store(name).remove()
    }
}
