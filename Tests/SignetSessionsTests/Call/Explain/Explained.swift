import SignetSessions
import SignetTestKit
import SignetTokens

/// A server with Ada on her laptop, whose tokens are explained.
struct Explained {
    let fixture: StoryOnSQLite
    var story: Story { fixture.story }

    init(defaults: PolicyDefaults = PolicyDefaults()) async throws {
        fixture = try await StoryOnSQLite(defaults: defaults)
        try await story.user()
    }

    /// What the operator is told.
    ///
    /// - Parameter signingKeys: those of the database now; those that the server was founded with when left out.
    func explain(
        _ text: Secret<String>?, audience: String? = nil, signingKeys: [SealedSigningKey]? = nil
    ) async throws -> Explanation {
        guard let text else { throw OtherwiseShaped() }
        let knowledge = ExplainToken.Knowledge(
            store: story.store, ring: await story.ring.current(), signingKeys: signingKeys ?? story.foundation.signingKeys,
            defaults: story.defaults)
        return try await ExplainToken(knowledge: knowledge, clock: story.clock)(text, audience: audience)
    }

    /// What anybody is told.
    func explainOffline(_ text: Secret<String>?, audience: String? = nil) async throws -> Explanation {
        guard let text else { throw OtherwiseShaped() }
        return try await ExplainToken(knowledge: nil, clock: story.clock)(text, audience: audience)
    }

    /// A JWT that this server's key has signed.
    func signed(_ claims: JSONObject, type: String = "at+jwt") async throws -> Secret<String> {
        try CompactJWS.sign(claims, type: type, with: await story.ring.current().signingKey)
    }

    /// The claims of an access token, as they stand in it.
    func claims(_ pair: TokenPair) async throws -> JSONObject {
        try await story.claims(pair.accessToken).claims
    }

    func signOut(_ pair: TokenPair) async throws {
        guard let token = pair.refreshToken else { throw OtherwiseShaped() }
        try await story.revoke(token, client: nil, origin: .unknown)
    }
}

extension Explanation {
    /// A fact as the lines have it.
    func fact(_ name: String) -> String? {
        lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
}

/// What a test was given is not of the shape that it needs.
struct OtherwiseShaped: Error {}
