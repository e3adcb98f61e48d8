import SignetClient
import Testing

extension TokenStoreContract {
    /// A store that cannot be read.
    static let trouble: [TokenStoreContract] = [
        Self("what cannot be read is an error of its own, and not `nobody is signed in`") { trial in
            let damage = try trial.requireDamage()
            let store = try await trial.open()
            try await store.write(.sample(1))

            try await damage.spoil()

            for reader in [store, try await trial.open()] {
                let error = await #expect(throws: TokenStoreError.self) { try await reader.read() }
                #expect([.unreadable, .damaged].contains(error?.problem))
            }
        },
        Self("what cannot be read is neither overwritten nor cleared, and is whole when it can be read again") { trial in
            let damage = try trial.requireDamage()
            let store = try await trial.open()
            let session = StoredSession.sample(1, idempotencyKey: .sample(2))
            try await store.write(session)
            try await damage.spoil()

            for writer in [store, try await trial.open()] {
                await #expect(throws: TokenStoreError.self) { try await writer.write(.sample(3)) }
                await #expect(throws: TokenStoreError.self) { try await writer.clear() }
            }

            try await damage.mend()
            #expect(try await store.contents() == session.contents)
            #expect(try await trial.open().contents() == session.contents)
        },
    ]
}
