import GRDB
package import SignetSessions
package import SignetTokens

extension SQLiteStore {
    private static let insert = """
        INSERT INTO users (user_id, name, name_key, email, password_hash, created_at)
        VALUES (:user, :name, :key, :email, :hash, :now)
        ON CONFLICT (name_key) DO NOTHING
        """
    private static let select = """
        SELECT users.*, (SELECT group_concat(role, ' ') FROM user_roles WHERE user_roles.user_id = users.user_id) AS roles
        FROM users
        """

    package func addUser(
        _ id: UserID, name: Username, email: String?, password: PasswordHash, roles: [String]
    ) async throws -> User {
        try await write { [clock] database in
            let now = clock.now
            try database.execute(
                sql: Self.insert,
                arguments: [
                    "user": id.column, "name": name.text, "key": name.key, "email": email,
                    "hash": password.text.reveal { String($0) },
                    "now": now.milliseconds,
                ]
            )
            guard database.changesCount > 0 else { throw AccountRefusal.nameTaken }
            for role in roles {
                try database.execute(sql: "INSERT INTO user_roles (user_id, role) VALUES (?, ?)", arguments: [id.column, role])
            }
            try Self.record(
                AuditEntry(.userAdded, by: .admin, userID: id, detail: roles.joined(separator: " ")), at: now, in: database)
            return User(id: id, name: name.text, email: email, roles: roles.sorted(), createdAt: now, disabledAt: nil)
        }
    }

    package func user(named name: Username) async throws -> User? {
        try await readers.read { database in
            try Row.fetchOne(database, sql: Self.select + " WHERE name_key = :key", arguments: ["key": name.key]).map(Self.user)
        }
    }

    package func users(after cursor: Username?, limit: Int) async throws -> [User] {
        try await readers.read { database in
            let sql = Self.select + " WHERE name_key > :after ORDER BY name_key LIMIT :limit"
            return try Row.fetchAll(database, sql: sql, arguments: ["after": cursor?.key ?? "", "limit": limit]).map(Self.user)
        }
    }

    package func setDisabled(_ isDisabled: Bool, user: UserID, by actor: Actor) async throws {
        try await write { [clock] database in
            let now = clock.now
            try database.execute(
                sql: "UPDATE users SET disabled_at = :at WHERE user_id = :user",
                arguments: ["at": isDisabled ? now.milliseconds : nil, "user": user.column]
            )
            guard database.changesCount > 0 else { throw AccountRefusal.unknownUser }
            try Self.record(AuditEntry(isDisabled ? .userDisabled : .userEnabled, by: actor, userID: user), at: now, in: database)
            if isDisabled {
                try Self.endAll(UserRevocation(userID: user, ending: .userDisabled, actor: actor), at: now, in: database)
            }
        }
    }

    package func setPassword(_ hash: PasswordHash, of user: UserID, keeping kept: SessionID?, by actor: Actor) async throws {
        try await write { [clock] database in
            let now = clock.now
            try database.execute(
                sql: "UPDATE users SET password_hash = :hash WHERE user_id = :user",
                arguments: ["hash": hash.text.reveal { String($0) }, "user": user.column]
            )
            guard database.changesCount > 0 else { throw AccountRefusal.unknownUser }
            try Self.record(AuditEntry(.passwordChanged, by: actor, userID: user), at: now, in: database)
            try Self.endAll(
                UserRevocation(userID: user, keeping: kept, ending: .passwordChanged, actor: actor), at: now, in: database)
        }
    }

    private static func user(_ row: Row) throws -> User {
        User(
            id: try row.identifier("user_id"), name: row["name"], email: row["email"],
            roles: (row["roles"] as String? ?? "").split(separator: " ").map(String.init).sorted(),
            createdAt: try row.moment("created_at"),
            disabledAt: try row.optionalMoment("disabled_at")
        )
    }
}
