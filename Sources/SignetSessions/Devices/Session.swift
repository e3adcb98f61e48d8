package import SignetTokens

/// One device's sign-in: the one row that it has for as long as it lives.
package struct Session: Sendable {
    /// The `sid` of its access tokens.
    package let id: SessionID
    /// Whose it is.
    package let userID: UserID
    /// What the person calls the device.
    package let deviceName: DeviceName?
    /// Where it was last renewed from, as far as that is kept (``OriginKeeping``).
    package var origin: Origin
    /// When the person proved who they are: `auth_time`.
    package let authenticatedAt: UnixTime
    /// How they proved it (RFC 8176): `amr`.
    package let authenticationMethods: [String]
    /// What the rotation decision reads and writes.
    package var row: SessionRow

    package init(
        id: SessionID, userID: UserID, deviceName: DeviceName?, origin: Origin, authenticatedAt: UnixTime,
        authenticationMethods: [String],
        row: SessionRow
    ) {
        self.id = id
        self.userID = userID
        self.deviceName = deviceName
        self.origin = origin
        self.authenticatedAt = authenticatedAt
        self.authenticationMethods = authenticationMethods
        self.row = row
    }
}

/// A session with all that an answer about it needs, as one transaction saw it.
package struct SessionStanding: Sendable {
    package var session: Session
    package let username: String
    package let roles: [String]
    /// The scopes that the user's roles allow and nobody has without a role.
    package let roleScope: RoleScope
    package let client: Client
    /// Why it no longer renews; lifetimes, a disabled user and a removed client are seen here too.
    package var ending: SessionEnd?
    /// When it ended, whatever ended it.
    package var endedAt: UnixTime?
    /// The moment of the transaction, by the store's clock: `iat` and `exp` count from it.
    package let now: UnixTime

    package init(
        session: Session, username: String, roles: [String], roleScope: RoleScope, client: Client, ending: SessionEnd?,
        endedAt: UnixTime? = nil, now: UnixTime
    ) {
        self.session = session
        self.username = username
        self.roles = roles
        self.roleScope = roleScope
        self.client = client
        self.ending = ending
        self.endedAt = endedAt
        self.now = now
    }
}

/// Which scopes need a role, and which of them a user's roles give.
package struct RoleScope: Hashable, Sendable {
    /// Every scope that any role names.
    package let needingRole: Scope
    /// Those that the user's roles name.
    package let allowed: Scope

    package init(needingRole: Scope, allowed: Scope) {
        self.needingRole = needingRole
        self.allowed = allowed
    }

    /// A scope is granted unless some role names it and the user has none that does.
    package func granted(of scope: Scope) -> Scope {
        scope.filter { !needingRole.contains($0) || allowed.contains($0) }
    }
}
