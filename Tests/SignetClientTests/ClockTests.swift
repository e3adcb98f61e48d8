import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Clocks that are wrong")
struct ClockTests {
    let scene = Scene()

    @Test("the device's clock may jump while the client runs: the monotonic clock counts", arguments: [-86_400, 86_400])
    func jumps(seconds: Int) async throws {
        let client = try await scene.signedIn()
        scene.wall.advance(by: .seconds(seconds))

        _ = try await client.accessToken()
        #expect(scene.server.renewals.isEmpty)

        scene.pass(.seconds(300))
        for _ in 0..<5 { _ = try await client.accessToken() }
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a device whose clock is wrong by a day, across restarts, renews exactly when it must", arguments: [-86_400, 86_400])
    func alwaysWrong(seconds: Int) async throws {
        scene.wall.advance(by: .seconds(seconds))
        _ = try await scene.signedIn()

        scene.pass(.seconds(200))
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.isEmpty)
        scene.pass(.seconds(100))
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.count == 1)
        _ = try await scene.client().accessToken()
        #expect(scene.server.renewals.count == 1)
    }

    @Test("a clock set back while nobody ran makes the stored token count as expired")
    func setBack() async throws {
        _ = try await scene.signedIn()
        scene.pass(.seconds(600))
        scene.wall.advance(by: .seconds(-86_400))

        let (_, response) = try await scene.client().data(for: request())

        #expect(response.statusCode == 200)
        #expect(scene.server.renewals.count == 1)
        #expect(scene.server.requests("/notes").count == 1)
    }

    @Test("a running client judges what others store by the server's clock, not the device's")
    func serverClock() async throws {
        let one = try await scene.signedIn()
        let two = scene.client(seed: 3)
        scene.pass(.seconds(300))
        _ = try await two.accessToken()
        scene.pass(.seconds(300))
        _ = try await one.accessToken()
        #expect(scene.server.renewals.count == 2)
        scene.wall.advance(by: .seconds(86_400))

        _ = try await two.accessToken()

        #expect(scene.server.renewals.count == 2)
    }

    @Test(
        "reads the dates of RFC 9110",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
            ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000),
        ] as [(String, Int64)])
    func dates(text: String, seconds: Int64) {
        #expect(UnixTime(httpDate: text) == UnixTime(seconds: seconds))
        #expect(httpDate(UnixTime(seconds: seconds)) == text)
    }

    @Test(
        "and nothing else",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 25:00:00 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        ])
    func noDates(text: String) {
        #expect(UnixTime(httpDate: text) == nil)
    }
}
