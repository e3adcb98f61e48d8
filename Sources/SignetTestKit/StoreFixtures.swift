package import SignetSessions
package import SignetTokens

/// A store on trial, with what its promises need around it: its clock, and the keys that make refresh tokens.
package struct StoreTrial: Sendable {
    /// The issuer that sessions are opened under.
    package static let issuer = "https://id.example.com"

    package let store: any SessionStore
    /// The store's own clock.
    package let clock: ManualClock
    /// What makes tokens; version 7, so that it is no default by accident.
    package let key = RefreshKey(version: 7, material: Secret(Array(repeating: 7, count: 32)))
    /// What salts successors.
    package let salt = DatabaseSalt(Secret(Array(repeating: 9, count: 32)))
    /// What holds for clients that say nothing else.
    package var defaults = PolicyDefaults()

    package init(store: any SessionStore, clock: ManualClock) {
        self.store = store
        self.clock = clock
    }

    /// Founds the server with its built-in clients, and adds a user.
    @discardableResult
    package func begin(roles: [String] = []) async throws -> User {
        try await store.found(.fixture(), clients: Client.builtIn(createdAt: clock.now), roles: [.admin])
        return try await user("Ada", roles: roles)
    }

    /// Adds a user.
    package func user(_ name: String, roles: [String] = []) async throws -> User {
        try await store.addUser(
            .random(systemRandomBytes), name: try .fixture(name), email: nil, password: .fixture(), roles: roles)
    }

    /// Opens a session; the device that it is on knows every token that can follow.
    package func device(
        of user: User, client: ClientID = .signet, named name: String? = nil, replaces: SessionID? = nil
    ) async throws -> Device {
        let device = unopened(for: user)
        _ = try await store.openSession(opening(of: device, client: client, named: name, replaces: replaces))
        return device
    }

    /// A device on which nobody has signed in yet.
    package func unopened(for user: User) -> Device {
        Device(user: user.id, key: key, salt: salt, now: clock.now)
    }

    /// What opens a session on a device.
    package func opening(
        of device: Device, client: ClientID = .signet, named name: String? = nil, replaces: SessionID? = nil,
        hash: PasswordHash = .fixture(), isClientAuthenticated: Bool = true, scope: Scope? = nil, resource: String? = nil,
        deadline: RequestDeadline = .none
    ) -> SessionOpening {
        SessionOpening(
            sessionID: device.session, userID: device.user, verifiedHash: hash, clientID: client,
            isClientAuthenticated: isClientAuthenticated, scope: scope, resource: resource,
            deviceName: name.flatMap(DeviceName.init), authenticationMethods: ["pwd"], firstToken: device.token(0).hash,
            keyVersion: key.version,
            replaces: replaces, issuer: Self.issuer, defaults: defaults, origin: .fixture, keptOrigin: .keptFixture,
            deadline: deadline
        )
    }

    /// Presents a token; the successor is the one that it has under this trial's key.
    @discardableResult
    package func rotate(
        _ token: RefreshToken, keyed idempotencyKey: IdempotencyKey? = nil, nonce: RequestNonce = RequestNonce(systemRandomBytes),
        client: ClientID? = nil, user: UserID? = nil, accessToken: AccessTokenSentAlong = .none, scope: Scope? = nil,
        resources: [String] = [], keeping kept: Origin = .keptFixture, deadline: RequestDeadline = .none
    ) async throws -> RotationOutcome {
        let presented = PresentedToken(
            token, idempotencyKey: idempotencyKey, nonce: nonce, clientID: client,
            namedUser: user.map(UserSentAlong.named) ?? .none, accessToken: accessToken,
            scope: scope, resources: resources
        )
        let successor = token.successor(under: key, salt: salt.salt(of: token.sessionID))
        return try await store.rotate(
            Rotation(
                presented: presented, successor: successor.hash, keyVersion: successor.keyVersion, defaults: defaults,
                origin: .fixture, keptOrigin: kept, deadline: deadline
            )
        )
    }

    /// The session as the store has it now.
    package func standing(of device: Device) async throws -> SessionStanding? {
        try await store.standing(of: device.session, user: device.user, defaults: defaults)
    }

    /// Ends one session.
    package func revoke(
        _ device: Device, as ending: SessionEnd = .signedOut, client: ClientID? = nil, by actor: Actor = .user
    ) async throws -> RevocationOutcome {
        try await store.revokeSession(
            SessionRevocation(
                sessionID: device.session, userID: device.user, clientID: client, ending: ending, actor: actor, origin: .fixture)
        )
    }

    /// The events of the audit log, oldest first.
    package func events() async throws -> [AuditEvent] {
        try await store.auditEntries(limit: 1000).reversed().map(\.entry.event)
    }
}

/// One device's sign-in, with every refresh token that can follow its first one.
package struct Device: Sendable {
    package let user: UserID
    package let session: SessionID

    private let first: RefreshToken
    private let key: RefreshKey
    private let salt: DatabaseSalt

    package init(user: UserID, key: RefreshKey, salt: DatabaseSalt, now: UnixTime) {
        self.user = user
        self.key = key
        self.salt = salt
        session = .timeOrdered(at: now, systemRandomBytes)
        first = RefreshToken(first: user, session: session, key: key, systemRandomBytes)
    }

    /// The one token of a generation.
    package func token(_ generation: Int) -> RefreshToken {
        (0..<generation).reduce(first) { token, _ in token.successor(under: key, salt: salt.salt(of: session)) }
    }

    /// A genuine token of this session and this generation that nobody was ever given.
    package func strangeToken(_ generation: Int) -> RefreshToken {
        let strange = RefreshToken(first: user, session: session, key: key, systemRandomBytes)
        return (0..<generation).reduce(strange) { token, _ in token.successor(under: key, salt: salt.salt(of: session)) }
    }
}

extension IdempotencyKey {
    /// A new key.
    package static var fresh: IdempotencyKey { .random(systemRandomBytes) }
}

extension Origin {
    /// A device at a documentation address (RFC 5737).
    package static let fixture = Origin(address: "192.0.2.7", userAgent: "Contract/1", requestID: "request-1")
    /// What a session keeps of it.
    package static let keptFixture = Origin(address: "192.0.2.0/24", userAgent: "Contract")
}

/// A fixture was given something that it is not made for.
package struct BadFixture: Error {}

extension Username {
    /// A name that is one.
    package static func fixture(_ text: String) throws -> Username {
        guard let name = Username(text) else { throw BadFixture() }
        return name
    }
}

extension ClientID {
    /// An id that is one.
    package static func fixture(_ text: String) throws -> ClientID {
        guard let id = ClientID(text) else { throw BadFixture() }
        return id
    }
}

extension PasswordHash {
    /// A well-formed hash of no password at all, told apart by its memory.
    package static func fixture(memory: UInt32 = 8) -> PasswordHash {
        let text = "$argon2id$v=19$m=\(memory),t=1,p=1$c2lnbmV0LXNhbHQtMDAwMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        guard let hash = PasswordHash(phc: Secret(text)) else { preconditionFailure("the fixture's memory is out of range") }
        return hash
    }
}

extension Client {
    /// A first-party app with an API of its own.
    package static func fixture(
        _ id: ClientID, isFirstParty: Bool = true, grants: Set<GrantType> = [.passwordSignIn, .refreshToken],
        scope: Scope = "account notes", defaultScope: Scope = "notes", resources: [String] = ["https://notes.example.com"],
        policy: ClientPolicy = ClientPolicy()
    ) -> Client {
        Client(
            id: id, name: "Notes", isFirstParty: isFirstParty, grants: grants, scope: scope, defaultScope: defaultScope,
            resources: resources, redirectURIs: ["https://notes.example.com/back"], policy: policy,
            createdAt: UnixTime(seconds: 1_600_000_000)
        )
    }
}

extension ServerFoundation {
    /// Keys that open nothing, told apart by a byte.
    package static func fixture(_ byte: UInt8 = 1) -> ServerFoundation {
        let createdAt = UnixTime(milliseconds: 1_600_000_000_123)
        return ServerFoundation(
            issuer: StoreTrial.issuer, salt: Secret(Array(repeating: byte, count: 32)),
            signingKeys: [
                SealedSigningKey(
                    keyID: "active-\(byte)", algorithm: .es256, publicKey: Array("{}".utf8), sealed: [byte, 0, 255],
                    masterKeyID: "m\(byte)", createdAt: createdAt, activatesAt: createdAt
                ),
                SealedSigningKey(
                    keyID: "standby-\(byte)", algorithm: .es256, publicKey: [], sealed: [byte, 1], masterKeyID: "m\(byte)",
                    createdAt: createdAt.advanced(by: .milliseconds(1)), activatesAt: nil
                ),
            ],
            refreshKeys: [
                SealedRefreshKey(
                    version: 1, sealed: [byte, 2], masterKeyID: "m\(byte)", createdAt: createdAt, activatesAt: createdAt),
                SealedRefreshKey(
                    version: 255, sealed: [byte, 3], masterKeyID: "m\(byte)", createdAt: createdAt, activatesAt: nil),
            ]
        )
    }
}
