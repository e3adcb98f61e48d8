import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("Random histories of several clients on one store", .timeLimit(.minutes(5)))
struct RandomHistoriesTests {
    @Test("nobody honest is signed out, no token goes astray, and no token is renewed with two keys")
    func honest() async throws {
        var renewals = 0
        var deaths = 0
        var repaired = 0
        for seed in UInt64(1)...400 {
            let history = RandomHistory(seed: seed)
            try await history.run(steps: 40)

            history.expectHonesty()
            try await history.expectItGoesOn()
            renewals += history.scene.server.renewals.count
            deaths += history.deaths
            repaired += history.repeatedKeys
        }
        // Histories in which nothing happens prove nothing.
        #expect(renewals > 1_000 && deaths > 300 && repaired > 500, "\(renewals) renewals, \(deaths) deaths, \(repaired) repeats")
    }
}
