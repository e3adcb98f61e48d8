import SignetTestKit
import SignetTokens
import Testing

/// What ends tokens before their time, and what becomes of everybody's: the table of the README, line by line.
struct RevocationCause: CustomTestStringConvertible, Sendable {
    /// What becomes of a device.
    enum Fate: Sendable {
        /// Every token of it is good, and it renews.
        case unharmed
        /// The last access token is refused everywhere; the session renews, and its other access tokens are good.
        case losesToken
        /// Every access token of it so far is refused everywhere; the session renews, and goes on with new ones.
        case losesTokens
        /// Every token of it is refused everywhere, and the renewal says why.
        case isOver(_ reason: String)
    }

    let testDescription: String
    let device: Fate
    let otherDevice: Fate
    let otherPerson: Fate
    /// Brings it about; when it returns, the promise holds.
    let happen: @Sendable (inout RevocationScene) async throws -> Void

    init(
        _ sentence: String, device: Fate, otherDevice: Fate, otherPerson: Fate = .unharmed,
        happen: @escaping @Sendable (inout RevocationScene) async throws -> Void
    ) {
        testDescription = sentence
        self.device = device
        self.otherDevice = otherDevice
        self.otherPerson = otherPerson
        self.happen = happen
    }

    /// Every cause.
    static let all: [RevocationCause] = [
        Self("the user is disabled", device: .isOver("user_disabled"), otherDevice: .isOver("user_disabled")) { scene in
            try await scene.signet.operated("user", "disable", "ada")
        },
        Self("the password is changed", device: .isOver("password_changed"), otherDevice: .isOver("password_changed")) { scene in
            let new = TestPassword.of("ada-since-today")
            try await scene.signet.operated("user", "password", "ada", "--password-stdin", input: new + "\n")
        },
        Self("the user is signed out", device: .isOver("revoked_by_admin"), otherDevice: .isOver("revoked_by_admin")) { scene in
            try await scene.signet.operated("user", "sign-out", "ada")
        },
        Self("the person signs out everywhere", device: .isOver("signed_out"), otherDevice: .isOver("revoked_by_user")) { scene in
            try await scene.delete("/v1/sessions?all=true", from: scene.device)
        },
        Self("the device signs itself out", device: .isOver("signed_out"), otherDevice: .unharmed) { scene in
            try await scene.delete("/v1/sessions/\(scene.device.sessionID)", from: scene.device)
        },
        Self("the refresh token is given back", device: .isOver("signed_out"), otherDevice: .unharmed) { scene in
            try await scene.giveBack(scene.device.refreshToken)
        },
        Self("another device revokes this one", device: .isOver("revoked_by_user"), otherDevice: .unharmed) { scene in
            try await scene.delete("/v1/sessions/\(scene.device.sessionID)", from: scene.otherDevice)
        },
        Self("the client is removed", device: .isOver("client_removed"), otherDevice: .unharmed) { scene in
            try await scene.signet.operated("client", "remove", scene.app)
        },
        Self("a spent refresh token is used again", device: .isOver("reused"), otherDevice: .unharmed) { scene in
            let thief = try await scene.signet.renew(scene.device.spentRefreshToken, key: "the-key-of-somebody-else")
            #expect(thief[member: "reason"] == "reused")
        },
        Self("the access token is revoked", device: .losesToken, otherDevice: .unharmed) { scene in
            try await scene.giveBack(scene.device.accessToken)
        },
        Self("the signing key is retired", device: .losesTokens, otherDevice: .losesTokens, otherPerson: .losesTokens) { scene in
            let keys = try await scene.signet.listed("key", "list")["keys"]?.array ?? []
            let active = keys.compactMap(\.object).first { $0["state"]?.string == "active" }
            try await scene.signet.operated("key", "retire", #require(active?["id"]?.string), "--now")
        },
        Self("nothing but a plain renewal", device: .unharmed, otherDevice: .unharmed) { scene in
            try await scene.device.renew(at: scene.signet)
        },
    ]
}
