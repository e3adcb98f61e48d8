package import SignetTokens

/// What a keychain can do with the items of a service, in the system's own terms: each call is one step that happens or does not.
///
/// There are two: the system's, and the one of our tests, for the system's cannot be locked or damaged at will.
package protocol Keychain: Sendable {
    /// The item's bytes, when the status is `success`.
    func read(_ item: KeychainItem) -> (status: KeychainStatus, bytes: Secret<[UInt8]>?)

    /// Adds the item; `duplicateItem` when it is there.
    func add(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus

    /// Replaces the item's bytes; `itemNotFound` when it is not there.
    func update(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus

    /// Deletes the item; `itemNotFound` when it is not there.
    func delete(_ item: KeychainItem) -> KeychainStatus

    /// The accounts of the service's items, when the status is `success`; `itemNotFound` when there are none.
    func accounts(service: String, accessGroup: String?) -> (status: KeychainStatus, accounts: [String])
}

/// Which item: a generic password, by what makes it the only one.
package struct KeychainItem: Hashable, Sendable {
    package let service: String
    package let account: String
    package let accessGroup: String?

    package init(service: String, account: String, accessGroup: String?) {
        self.service = service
        self.account = account
        self.accessGroup = accessGroup
    }
}

/// An `OSStatus` as the keychain calls return it, under the names of Security's `SecBase.h`.
package struct KeychainStatus: Hashable, Sendable, CustomStringConvertible {
    package let code: Int32

    package init(_ code: Int32) {
        self.code = code
    }

    package static let success = KeychainStatus(0)
    package static let notAvailable = KeychainStatus(-25291)
    package static let authFailed = KeychainStatus(-25293)
    package static let duplicateItem = KeychainStatus(-25299)
    package static let itemNotFound = KeychainStatus(-25300)
    package static let interactionNotAllowed = KeychainStatus(-25308)
    package static let missingEntitlement = KeychainStatus(-34018)

    /// A few words for a person, with the number that developers look for.
    package var description: String {
        let words: String? =
            switch self {
            case .notAvailable: "there is no keychain"
            case .authFailed: "the keychain did not accept the authentication"
            case .interactionNotAllowed: "the device or its keychain is locked"
            case .missingEntitlement: "the app lacks the entitlement for this access group"
            default: nil
            }
        return words.map { "\($0) (\(code))" } ?? "keychain status \(code)"
    }
}
