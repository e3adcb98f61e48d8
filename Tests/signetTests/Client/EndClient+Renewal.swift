import Foundation
import SignetClient
import SignetTokens
import Testing

@testable import signet

extension EndClient {
    /// What a session is known by, how often it was rotated, and the key of a renewal that was begun.
    struct Standing: Equatable {
        let session: String?
        let generation: UInt32
        let key: String?

        /// The same session, rotated once more, with nothing begun.
        var renewed: Standing { Standing(session: session, generation: generation + 1, key: nil) }
    }

    /// How the stored session stands.
    var standing: Standing {
        get throws {
            let session = try stored
            let token = try #require(session["refresh_token"]?.string)
            let generation = try #require(RefreshToken(parsing: Secret(token))).generation
            return Standing(
                session: session["session_id"]?.string, generation: generation, key: session["idempotency_key"]?.string)
        }
    }

    /// Gets an access token by the library's client, as it is in a process that has just begun.
    func accessToken(from url: String, by transport: any Transport, clock: PauseClock = PauseClock()) async throws {
        let server = try #require(URL(string: url))
        let client = SignetClient(
            server: server, store: FileTokenStore(store), transport: transport, monotonicClock: clock)
        _ = try await client.accessToken()
    }
}
