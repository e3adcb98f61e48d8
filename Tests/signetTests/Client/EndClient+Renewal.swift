import Foundation
import SignetClient
import SignetTokens
import Testing

@testable import signet

extension EndClient {
    /// What a session is known by, and how often it was rotated.
    struct Standing: Equatable {
        let session: String?
        let generation: UInt32

        /// The same session, rotated once more.
        var renewed: Standing { Standing(session: session, generation: generation + 1) }
    }

    /// How the stored session stands.
    var standing: Standing {
        get throws { Standing(session: try stored["session_id"]?.string, generation: try generation) }
    }

    /// The idempotency key in the store.
    var storedKey: String? {
        get throws { try stored["idempotency_key"]?.string }
    }

    /// An access token, from the library's client as it is in a process that has just begun.
    ///
    /// - Parameter port: where the server is reached, when not at its own port.
    func accessToken(from url: String, by transport: any Transport, clock: PauseClock = PauseClock()) async throws {
        let server = try #require(URL(string: url))
        let client = SignetClient(
            server: server, store: FileTokenStore(store), transport: transport, monotonicClock: clock)
        _ = try await client.accessToken()
    }
}
