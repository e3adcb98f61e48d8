import ArgumentParser
import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import signet

@Suite("Looking into a token from the command line")
struct TokenCommandTests {
    let clock = ManualClock()
    let issuer = TestIssuer()

    @Test("inspect shows header and claims, also of a token that nobody should accept")
    func inspect() throws {
        let token = try issuer.token(header: Array(#"{"alg":"none"}"#.utf8), payload: Array(#"{"sub":"eve"}"#.utf8))

        let decoded = try DecodedToken(parsing: Secret(token))

        #expect(decoded.json == ["header": ["alg": "none"], "claims": ["sub": "eve"]])
    }

    @Test(
        "what is no JWT is told so in one sentence",
        arguments: [
            ("a.b", "This is not a JWT: it has 2 parts between dots, and a signed JWT has 3."),
            ("sgr1", "This is a refresh token: it is opaque, and only the server can read it."),
            ("!.e30.AA", "This is not a JWT: its header is not base64url in its one canonical spelling."),
            ("e30.W10.AA", "This is not a JWT: its payload is not a strict JSON object."),
        ])
    func notAJWT(_ text: String, _ sentence: String) {
        #expect(throws: CommandFailure(sentence)) { try DecodedToken(parsing: Secret(text)) }
    }

    @Test("verify takes a good token, and says in one sentence why it takes no other")
    func verify() async throws {
        try await withKeys { keys in
            let token = try issuer.token(at: clock.now)
            let plain = try command("--jwks", keys)

            #expect(try await plain.verified(token, clock: clock).claims["sub"] == "ada")
            await #expect(throws: CommandFailure("The token is from another issuer.")) {
                try await command("--jwks", keys, "--issuer", "https://other.example").verified(token, clock: clock)
            }
            await #expect(throws: CommandFailure("The token is for another API.")) {
                try await command("--jwks", keys, "--audience", "https://other.example").verified(token, clock: clock)
            }
            await #expect(throws: CommandFailure("None of the keys is the one that the token names.")) {
                try await plain.verified(try TestIssuer(seed: 2).token(at: clock.now), clock: clock)
            }
            clock.advance(by: .seconds(330))
            await #expect(throws: CommandFailure("The token has expired.")) {
                try await plain.verified(token, clock: clock)
            }
        }
    }

    @Test(
        "keys that cannot be had are told so in one sentence",
        arguments: [
            ("/nowhere/jwks.json", "The file /nowhere/jwks.json cannot be read."),
            ("/etc/hostname", "The file /etc/hostname is not a JSON Web Key Set."),
            ("http://id.example.com/jwks", "No usable keys could be fetched from http://id.example.com/jwks."),
        ])
    func noKeys(_ place: String, _ sentence: String) async throws {
        let token = try issuer.token(at: clock.now)

        await #expect(throws: CommandFailure(sentence)) { try await command("--jwks", place).verified(token, clock: clock) }
    }

    private func command(_ arguments: String...) throws -> TokenVerify {
        try TokenVerify.parse(arguments)
    }

    private func withKeys(_ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "jwks-\(UUID().uuidString).json")
        try Data(issuer.keySet.json.bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }
}
