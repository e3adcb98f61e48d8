import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("A forged refresh token")
struct ForgedRefreshTokenTests {
    @Test("never touches the store, whichever of its bytes was changed")
    func everyByte() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        try await story.user()
        let token = try #require(try await story.signIn().refreshToken).plain
        let bytes = try #require(Base64URL.decode(token.utf8.dropFirst(5)))
        let callsBefore = story.store.calls

        // The first byte is the key's version, which the ring may look for.
        for index in 1..<bytes.count {
            for bit in [UInt8(1), 0x80] {
                var forged = bytes
                forged[index] ^= bit
                let text = Secret("sgr1_" + Base64URL.string(forged))
                await #expect(throws: RenewalRefusal.malformed) { try await story.renew(text, keyed: .fresh) }
                try await story.revoke(text, client: nil, origin: .unknown)
            }
        }

        #expect(story.store.calls == callsBefore)
    }

    @Test(
        "is refused by its shape",
        arguments: [
            "", "sgr1_", "rubbish", "SGR1_" + String(repeating: "A", count: 114), "sgr1_" + String(repeating: "=", count: 114),
        ])
    func shape(text: String) async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story

        await #expect(throws: RenewalRefusal.malformed) { try await story.renew(Secret(text)) }

        #expect(story.store.calls.isEmpty)
    }

    @Test("under an unknown key version is refused after one look for the key, and no session is looked at")
    func unknownVersion() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let strange = RefreshKey(version: 99, material: Secret(Array(repeating: 1, count: 32)))
        story.clock.advance(by: .seconds(1))

        for _ in 0..<20 {
            let forged = RefreshToken(
                first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: strange, systemRandomBytes)
            await #expect(throws: RenewalRefusal.malformed) { try await story.renew(forged.text) }
        }

        #expect(story.store.calls == ["foundation()"])
    }

    @Test("made with the right keys but of no session is unknown")
    func unknownSession() async throws {
        let fixture = try await StoryOnSQLite()
        let story = fixture.story
        let key = await story.ring.current().refreshKey
        let stray = RefreshToken(
            first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: key, systemRandomBytes)

        await #expect(throws: RenewalRefusal.ended(.unknown)) { try await story.renew(stray.text) }
    }
}
