import SignetTokens

extension Renewal {
    /// What is wrong when a lock is not given back.
    static let locked = TokenStoreError(.locked, at: "the token store")

    /// Waits for the store's lock.
    func lock() async throws -> TokenStoreLock {
        // Longer than a renewal can take with all its repeats, or a sign-in, so whoever holds it for so long is not well.
        let limit = clocks.uptime() + .seconds(60)
        while true {
            do throws(TokenStoreError) {
                if let lock = try await store.lock() { return lock }
                guard clocks.uptime() < limit else { throw Self.locked }
            } catch {
                throw SignetClientError.store(error)
            }
            try await clocks.sleep(.milliseconds(25))
        }
    }

    /// How the session stands, as the store tells, and as was told last where that knows more.
    func state() async -> SessionState {
        do throws(TokenStoreError) {
            let isSignedIn = try await store.read()?.server == server.name
            return switch states.last {
            case .unsaved(let error)? where isSignedIn: .unsaved(error)
            case .signedOut(let reason)? where !isSignedIn: .signedOut(reason: reason)
            default: isSignedIn ? .signedIn : .signedOut(reason: nil)
            }
        } catch {
            return .unreadable(error)
        }
    }

    func read() async throws(SignetClientError) -> StoredSession? {
        do {
            return try await store.read()
        } catch {
            throw .store(error)
        }
    }

    func write(_ session: StoredSession) async throws(SignetClientError) {
        do {
            try await store.write(session)
        } catch {
            throw .store(error)
        }
    }
}
