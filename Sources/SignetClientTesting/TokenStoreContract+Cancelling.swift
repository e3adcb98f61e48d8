import SignetClient
import Testing

extension TokenStoreContract {
    /// A caller that is cancelled.
    static let cancelling: [TokenStoreContract] = [
        Self("whoever reads in a cancelled task gets the session or an error, and never `nobody is signed in`") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))

            let reader = Task.cancelled { try await store.contents() }

            do {
                #expect(try await reader.value == StoredSession.sample(1).contents)
            } catch is TokenStoreError {}
        },
        Self("whoever writes in a cancelled task leaves the old session or the new one, whole") { trial in
            let store = try await trial.open()
            try await store.write(.sample(1))

            let writer = Task.cancelled { try await store.write(.sample(30)) }

            var possible: [SessionContents?] = [StoredSession.sample(30).contents]
            do { try await writer.value } catch is TokenStoreError { possible.append(StoredSession.sample(1).contents) }
            for reader in [store, try await trial.open()] { #expect(possible.contains(try await reader.contents())) }
        },
    ]
}

extension Task where Failure == any Error {
    /// A task that is cancelled before it begins.
    fileprivate static func cancelled(_ body: @escaping @Sendable () async throws -> Success) -> Task {
        Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await body()
        }
    }
}
