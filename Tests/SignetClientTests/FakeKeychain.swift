import SignetTokens
import Synchronization

@testable import SignetClient

/// A keychain as the system's is to its callers: each call is one step, and says with a status what came of it.
final class FakeKeychain: Keychain {
    struct State: Sendable {
        var items: [KeychainItem: [UInt8]] = [:]
        /// What every call is answered with, such as that the device is locked.
        var refusal: KeychainStatus?
        /// What adding is answered with.
        var refusalToAdd: KeychainStatus?
        /// What another process puts there just before the next item is added.
        var addedMeanwhile: [KeychainItem: [UInt8]] = [:]
        var changes = 0
    }

    private let state = Mutex(State())

    /// Looks at the keychain, or changes it behind the store's back.
    func with<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// Makes what is in it no session, and the second time what it was.
    func flipBits() {
        with { $0.items = $0.items.mapValues { $0.map { ~$0 } } }
    }

    func read(_ item: KeychainItem) -> (status: KeychainStatus, bytes: Secret<[UInt8]>?) {
        with { state in
            if let refusal = state.refusal { return (refusal, nil) }
            guard let bytes = state.items[item] else { return (.itemNotFound, nil) }
            return (.success, Secret(bytes))
        }
    }

    func add(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus {
        with { state in
            if let refusal = state.refusal ?? state.refusalToAdd { return refusal }
            state.items.merge(state.addedMeanwhile) { _, new in new }
            guard state.items[item] == nil else { return .duplicateItem }
            state.items[item] = bytes.reveal { copy $0 }
            state.changes += 1
            return .success
        }
    }

    func update(_ item: KeychainItem, bytes: Secret<[UInt8]>) -> KeychainStatus {
        with { state in
            if let refusal = state.refusal { return refusal }
            guard state.items[item] != nil else { return .itemNotFound }
            state.items[item] = bytes.reveal { copy $0 }
            state.changes += 1
            return .success
        }
    }

    func delete(_ item: KeychainItem) -> KeychainStatus {
        with { state in
            if let refusal = state.refusal { return refusal }
            guard state.items.removeValue(forKey: item) != nil else { return .itemNotFound }
            state.changes += 1
            return .success
        }
    }

    func accounts(service: String, accessGroup: String?) -> (status: KeychainStatus, accounts: [String]) {
        with { state in
            if let refusal = state.refusal { return (refusal, []) }
            let accounts = state.items.keys.filter { $0.service == service && $0.accessGroup == accessGroup }.map(\.account)
            return accounts.isEmpty ? (.itemNotFound, []) : (.success, accounts)
        }
    }
}
