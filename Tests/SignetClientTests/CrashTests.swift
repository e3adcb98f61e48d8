import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Dying in the middle of a renewal")
struct CrashTests {
    /// How long the device then lies in a drawer: inside the window, just past it, and for weeks.
    static let waits: [Duration] = [.zero, .seconds(59), .seconds(61), .seconds(20 * 86_400)]

    @Test("the session goes on, whichever step was the last and however long it takes", arguments: waits)
    func onceAnywhere(wait: Duration) async throws {
        var deaths = 0
        for steps in 1...100 {
            let scene = Scene()
            _ = try await scene.signedIn()
            scene.pass(.seconds(300))

            let life = Life(steps: steps)
            _ = try? await mortal(scene, life).accessToken()
            guard life.isOver else { break }
            deaths += 1
            scene.pass(wait)

            try await expectItGoesOn(scene, generation: 1, "died at step \(steps)")
        }
        #expect(deaths >= 10, "the enumeration must reach the end of a renewal")
        #expect(deaths < 100)
    }

    @Test("and again, when the next life dies as well")
    func twiceAnywhere() async throws {
        for first in 1...20 {
            for second in 1...20 {
                let scene = Scene()
                _ = try await scene.signedIn()
                scene.pass(.seconds(300))

                _ = try? await mortal(scene, Life(steps: first)).accessToken()
                scene.pass(.seconds(90))
                _ = try? await mortal(scene, Life(steps: second)).accessToken()
                scene.pass(.seconds(90))

                try await expectItGoesOn(scene, generation: 1, "died at steps \(first) and \(second)")
            }
        }
    }

    @Test("also with answers that get lost before and after")
    func withLostAnswers() async throws {
        for steps in 1...30 {
            for lost in 1...3 {
                let scene = Scene()
                _ = try await scene.signedIn()
                scene.pass(.seconds(300))
                for _ in 0..<lost { scene.server.script("/oauth/token", .loseAnswer) }

                _ = try? await mortal(scene, Life(steps: steps)).accessToken()
                scene.pass(.seconds(90))

                try await expectItGoesOn(scene, generation: 1, "died at step \(steps), \(lost) answers lost")
            }
        }
    }

    @Test("a death while signing out leaves a session that can be signed out, or none")
    func signingOut() async throws {
        for steps in 1...20 {
            let scene = Scene()
            _ = try await scene.signedIn()

            try? await mortal(scene, Life(steps: steps)).signOut()
            try await scene.client().signOut()

            #expect(scene.store.read() == nil)
            #expect(scene.liveRow == nil, "died at step \(steps)")
        }
    }

    private func mortal(_ scene: Scene, _ life: Life) -> SignetClient {
        scene.client(
            store: MortalStore(store: scene.store, life: life), transport: MortalTransport(transport: scene.server, life: life),
            seed: 11)
    }

    private func expectItGoesOn(_ scene: Scene, generation: UInt32, _ comment: Comment) async throws {
        let next = scene.client(seed: 12)
        let (_, response) = try await next.data(for: request())
        #expect(response.statusCode == 200, comment)
        scene.pass(.seconds(300))
        _ = try await next.accessToken()
        // Whatever was repeated, no token ever had two successors: the session is alive and no further than it was renewed.
        let row = try #require(scene.liveRow, comment)
        #expect((generation...generation + 2).contains(row.generation), comment)
    }
}
