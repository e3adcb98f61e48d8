import Crypto
import Foundation
import SignetSessions
import SignetTokens

/// The first use of an access token against the one signature in it.
struct VerificationBenchmark {
    let folder: String

    func run() async throws {
        let server = try await BenchmarkServer(folder: folder)
        let token = try await server.signedIn().accessToken
        let keys = await server.ring.current().published
        let rules = AccessTokenRules(issuer: "https://id.example.com", audiences: ["https://id.example.com"])
        let now = SystemWallClock().now

        let key = P256.Signing.PrivateKey()
        let message = token.reveal { Data($0.utf8.prefix { $0 != UInt8(ascii: "=") }) }
        let signature = try key.signature(for: message)
        let publicKey = key.publicKey

        var isValid = true
        let bare = Rate.measure(batch: 100) { isValid = publicKey.isValidSignature(signature, for: message) && isValid }
        let whole = try Rate.measure(batch: 100) { _ = try rules.verify(token, with: keys, now: now) }
        report("bare P-256 signature verification", bare)
        report("access token, verified for the first time", whole, against: bare)
        print(isValid ? "" : "The signature did not verify; these figures mean nothing.")
    }
}
