package import SignetTokens

/// A person with an account.
package struct User: Sendable {
    /// The `sub` of their tokens; never reassigned.
    package let id: UserID
    /// The name they sign in with.
    package let name: String
    /// Their e-mail address, if they gave one.
    package let email: String?
    /// Their roles, sorted.
    package let roles: [String]
    /// When the account was made.
    package let createdAt: UnixTime
    /// When it was disabled, if it is.
    package let disabledAt: UnixTime?

    package init(id: UserID, name: String, email: String?, roles: [String], createdAt: UnixTime, disabledAt: UnixTime?) {
        self.id = id
        self.name = name
        self.email = email
        self.roles = roles
        self.createdAt = createdAt
        self.disabledAt = disabledAt
    }
}

/// A role: users who have it may be granted these scopes, which nobody else gets.
package struct Role: Sendable {
    package let name: String
    package let scope: Scope

    package init(name: String, scope: Scope) {
        self.name = name
        self.scope = scope
    }

    /// The operator's role.
    package static let admin = Role(name: "admin", scope: "admin")
}

/// What a sign-in needs to know of a user before the password is hashed.
package struct Credentials: Sendable {
    package let userID: UserID
    package let passwordHash: PasswordHash
    package let isDisabled: Bool

    package init(userID: UserID, passwordHash: PasswordHash, isDisabled: Bool) {
        self.userID = userID
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
    }
}
