import Testing

/// Ada's two devices, each with an app of its own, and another person's, before a Signet and an API that follows its feed.
struct RevocationScene: Sendable {
    /// One device, renewed so often that it has older access tokens and a spent refresh token.
    struct Device: Sendable {
        private var tokens: [IssuedTokens]
        private let name: String

        /// Signs in, and renews twice.
        init(of person: String, app: String, named name: String, at signet: Installation) async throws {
            self.name = name
            tokens = [try await signet.signIn(person, device: name, client: app)]
            for _ in 0..<2 { try await renew(at: signet) }
        }

        var sessionID: String { tokens[0].sessionID }
        var accessToken: String { tokens[tokens.count - 1].accessToken }
        /// It and those that came before it, none of which has expired.
        var accessTokens: [String] { tokens.map(\.accessToken) }
        var refreshToken: String { tokens[tokens.count - 1].refreshToken }
        /// Two generations old: no repetition of the last renewal explains it.
        var spentRefreshToken: String { tokens[tokens.count - 3].refreshToken }

        /// Renews, and keeps the new tokens.
        mutating func renew(at signet: Installation) async throws {
            let answer = try await tryRenewing(at: signet)
            try #require(answer.status == 200, "\(answer.text)")
            tokens.append(try answer.json())
        }

        /// Renews, whatever comes of it.
        func tryRenewing(at signet: Installation) async throws -> RawAnswer {
            try await signet.renew(refreshToken, key: "key-\(tokens.count)-of-the-\(name)-\(sessionID)")
        }
    }

    let signet: Installation
    let notes: Notes
    let api: ClientWithSecret
    /// The app on Ada's device.
    let app: String
    var device: Device
    let otherDevice: Device
    let otherPerson: Device

    var devices: [Device] { [device, otherDevice, otherPerson] }

    /// Builds it while `body` runs.
    static func run<Result>(_ body: (inout RevocationScene) async throws -> Result) async throws -> Result {
        try await Installation.make { signet in
            try await signet.serve { _ in
                for name in ["ada", "bob"] { try await signet.addUser(name) }
                let api = try await Notes.register(at: signet)
                let (app, otherApp) = (try await Notes.addApp("App", at: signet), try await Notes.addApp("Other", at: signet))
                return try await Notes.run(of: signet, as: api) { notes, _ in
                    var scene = RevocationScene(
                        signet: signet, notes: notes, api: api, app: app,
                        device: try await Device(of: "ada", app: app, named: "phone", at: signet),
                        otherDevice: try await Device(of: "ada", app: otherApp, named: "laptop", at: signet),
                        otherPerson: try await Device(of: "bob", app: otherApp, named: "lamp", at: signet))
                    return try await body(&scene)
                }
            }
        }
    }

    /// A person ends sessions from one of their devices.
    func delete(_ path: String, from device: Device) async throws {
        let answer = try await signet.http("DELETE", path, headers: [("Authorization", "Bearer \(device.accessToken)")])
        try #require(answer.status == 204, "\(answer.text)")
    }

    /// A client gives a token back.
    func giveBack(_ token: String) async throws {
        let answer = try await signet.http.post("/oauth/revoke", form: [("token", token)])
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// Which of Signet's own doors are open to an access token: introspection, the account, forward authentication.
    func openDoors(to accessToken: String) async throws -> [Bool] {
        let authorization = ("Authorization", "Bearer \(accessToken)")
        let introspected = try await signet.http.post(
            "/oauth/introspect", form: [("token", accessToken)], headers: [api.authorization])
        let isActive = introspected.text != #"{"active":false}"#
        let account = try await signet.http("GET", "/v1/account", headers: [authorization])
        let verified = try await signet.http("GET", "/v1/verify?resource=\(Notes.resource)", headers: [authorization])
        #expect(introspected.status == 200)
        #expect([200, 401].contains(account.status))
        #expect([200, 401].contains(verified.status))
        return [isActive, account.status == 200, verified.status == 200]
    }
}
