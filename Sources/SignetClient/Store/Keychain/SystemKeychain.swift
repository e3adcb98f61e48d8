#if canImport(Security)
    import Foundation
    import Security
    import SignetTokens

    /// The keychain of iOS and its relatives, and the data protection keychain of macOS.
    ///
    /// Items are readable after the first unlock, so that a renewal in the background works; they leave the device neither by a
    /// backup nor by iCloud. This was neither compiled nor run on an Apple platform yet; everything above it is, with a fake below.
    struct SystemKeychain: Keychain {
        func read(_ item: KeychainItem) -> (status: KeychainStatus, bytes: Secret<[UInt8]>?) {
            var query = query(item)
            query[kSecReturnData as String] = true
            query[kSecMatchLimit as String] = kSecMatchLimitOne
            var result: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &result)
            return (KeychainStatus(status), (result as? Data).map { Secret(Array($0)) })
        }

        func add(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus {
            let attributes = query(item).merging(content(bytes)) { _, new in new }
            return KeychainStatus(SecItemAdd(attributes as CFDictionary, nil))
        }

        func update(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus {
            KeychainStatus(SecItemUpdate(query(item) as CFDictionary, content(bytes) as CFDictionary))
        }

        func delete(_ item: KeychainItem) -> KeychainStatus {
            KeychainStatus(SecItemDelete(query(item) as CFDictionary))
        }

        func accounts(service: String, accessGroup: String?) -> (status: KeychainStatus, accounts: [String]) {
            var query = query(service: service, accessGroup: accessGroup)
            query[kSecReturnAttributes as String] = true
            query[kSecMatchLimit as String] = kSecMatchLimitAll
            var result: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &result)
            let items = result as? [[String: Any]] ?? []
            return (KeychainStatus(status), items.compactMap { $0[kSecAttrAccount as String] as? String })
        }

        private func query(_ item: KeychainItem) -> [String: Any] {
            var query = query(service: item.service, accessGroup: item.accessGroup)
            query[kSecAttrAccount as String] = item.account
            return query
        }

        private func query(service: String, accessGroup: String?) -> [String: Any] {
            var query: [String: Any] = [
                kSecClass as String: kSecClassGenericPassword,
                kSecAttrService as String: service,
                kSecAttrSynchronizable as String: false,
                // Without it macOS takes its older keychain, which knows neither access groups nor `this device only`.
                kSecUseDataProtectionKeychain as String: true,
            ]
            query[kSecAttrAccessGroup as String] = accessGroup
            return query
        }

        private func content(_ bytes: Secret<[UInt8]>) -> [String: Any] {
            [
                kSecValueData as String: bytes.reveal { Data($0) },
                kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
            ]
        }
    }
#endif
