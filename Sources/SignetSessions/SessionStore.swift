package import SignetTokens

/// Where sessions live. It speaks in use cases, never in rows: each method is one atomic transaction, and an answer leaves only when its
/// transaction is durable. Every driver passes the same contract (SignetTestKit).
///
/// Methods throw the refusals that they name; anything else that they throw is a fault.
package protocol SessionStore: Sendable {
    // MARK: Sign in

    /// What is known of a name before the password is hashed; `nil` when nobody has it.
    func credentials(of name: Username) async throws -> Credentials?

    /// Opens a session, unless the password was changed or the user disabled while the password was being hashed.
    /// - Throws: ``SignInRefusal``, ``DeadlinePassed``.
    func openSession(_ opening: SessionOpening) async throws -> SessionStanding

    /// Puts a stronger hash of the same password in the place of `old`; does nothing when the password was changed meanwhile.
    func strengthenPasswordHash(of user: UserID, from old: PasswordHash, to new: PasswordHash) async throws

    // MARK: Renew

    /// Decides on a presented token and carries the decision out.
    /// - Throws: ``DeadlinePassed``.
    func rotate(_ rotation: Rotation) async throws -> RotationOutcome

    // MARK: Call

    /// A session as it stands now; `nil` when the user has none of this id.
    func standing(of session: SessionID, user: UserID, defaults: PolicyDefaults) async throws -> SessionStanding?

    // MARK: Revoke

    /// Ends one session.
    func revokeSession(_ revocation: SessionRevocation) async throws -> RevocationOutcome

    /// Ends every live session of a user but the one to be kept, in one step, and says how many there were.
    func revokeSessions(_ revocation: UserRevocation) async throws -> Int

    /// Ends one access token until it would have expired; its session lives on. `false` when it had ended before.
    func revokeToken(_ revocation: TokenRevocation) async throws -> Bool

    /// Whether an access token was ended by its `jti`, or with the key that signed it.
    func isTokenRevoked(_ tokenID: String, keyID: String) async throws -> Bool

    /// The revocation log after a position, in the order of commits: at most `limit` entries. A snapshot of the live entries for `nil`
    /// and for a position of another log.
    func revocations(after position: FeedPosition?, limit: Int) async throws -> RevocationPage

    /// The position after the last entry of the revocation log.
    func endOfRevocations() async throws -> FeedPosition

    // MARK: Expire

    /// Looks at sessions one after the other, after `cursor`, and removes those that have been dead for `retention` by their client's
    /// policy (see ``SessionLife``), never a live one.
    func forgetDeadSessions(
        after cursor: SessionCursor?, deadFor retention: Duration, defaults: PolicyDefaults, limits: ForgettingLimits
    ) async throws -> ForgottenSessions

    /// Removes at most `limit` entries of the revocation log that may be forgotten, and says how many; positions go on as before.
    func forgetRevocations(limit: Int) async throws -> Int

    // MARK: Devices

    /// Sessions in the order of their ids, oldest first: at most `limit`, after `cursor`; of one user or of all.
    func sessions(
        of user: UserID?, after cursor: SessionID?, limit: Int, defaults: PolicyDefaults
    ) async throws -> [SessionStanding]

    /// Calls a live session's device something else; the session as it stands then, or `nil` when the user has no such live session.
    func renameSession(_ renaming: SessionRenaming) async throws -> SessionStanding?

    /// Whose session it is, for operators who have only its id; `nil` when there is none.
    func user(of session: SessionID) async throws -> UserID?

    // MARK: Accounts

    /// Adds a user.
    /// - Throws: ``AccountRefusal``, `nameTaken`.
    func addUser(_ id: UserID, name: Username, email: String?, password: PasswordHash, roles: [String]) async throws -> User

    /// The user of this name.
    func user(named name: Username) async throws -> User?

    /// Users in the order of their names: at most `limit`, after the name `cursor`.
    func users(after cursor: Username?, limit: Int) async throws -> [User]

    /// Disables an account and ends all its sessions in one step, or enables it again (ended sessions stay ended).
    /// - Throws: ``AccountRefusal``, `unknownUser`.
    func setDisabled(_ isDisabled: Bool, user: UserID, by actor: Actor) async throws

    /// Sets a new password and ends every session but `kept`, in one step.
    /// - Throws: ``AccountRefusal``, `unknownUser`.
    func setPassword(_ hash: PasswordHash, of user: UserID, keeping kept: SessionID?, by actor: Actor) async throws

    // MARK: Clients

    /// Registers a client.
    /// - Throws: ``ClientRefusal``, `idTaken`, also for the id of a client that was removed.
    func addClient(_ client: Client, secret: ClientSecretHash?) async throws

    /// The hashes of a registered client's secrets; two may be live while one is replaced.
    func secretHashes(of client: ClientID) async throws -> [ClientSecretHash]

    /// When each of a registered client's secrets was made, the older one first.
    func secretMoments(of client: ClientID) async throws -> [UnixTime]

    /// Gives a client a second secret, which is good beside the first.
    /// - Throws: ``ClientRefusal``: `unknownClient`, `publicClient`, `twoSecrets`.
    func addSecret(_ secret: ClientSecretHash, to client: ClientID, by actor: Actor) async throws

    /// Ends the older of a client's two secrets.
    /// - Throws: ``ClientRefusal``: `unknownClient`, `publicClient`, `oneSecret`.
    func dropOlderSecret(of client: ClientID, by actor: Actor) async throws

    /// Changes a client, its sessions' policy with it: `change` is given the client as it stands, and says what it shall be.
    /// - Throws: ``ClientRefusal``: `unknownClient`, `builtInIdentity`; what `change` throws.
    func updateClient(
        _ id: ClientID, by actor: Actor, _ change: @escaping @Sendable (Client) throws -> Client
    ) async throws -> Client

    /// A client that is registered.
    func client(_ id: ClientID) async throws -> Client?

    /// Every client, in the order of their ids.
    func clients() async throws -> [Client]

    /// Removes a client; its sessions end with it, and its id is remembered.
    /// - Throws: ``ClientRefusal``, `unknownClient`.
    func removeClient(_ id: ClientID, by actor: Actor) async throws

    // MARK: Keys

    /// What the server was founded with; `nil` when it never was started on this database.
    func foundation() async throws -> ServerFoundation?

    /// Founds a server: issuer, salt, first keys, built-in clients and roles in one transaction. Does nothing when another process was
    /// first, so what counts is what ``foundation()`` says afterwards.
    func found(_ foundation: ServerFoundation, clients: [Client], roles: [Role]) async throws

    /// Gives the server another name.
    func setIssuer(_ issuer: String) async throws

    /// Changes the keys in one step with what follows from it, and says how many sessions ended.
    /// - Throws: ``KeysChanged`` when they are no longer what the change was decided on; nothing has changed then.
    func changeKeys(_ change: KeyChange) async throws -> Int

    /// How often the keys were changed.
    func keysRevision() async throws -> Int64

    /// Notes that a server runs, under which master key it holds the keys, and how long it lets verifiers keep them.
    func report(_ server: ServerID, masterKeyID: String, keyCacheTime: Duration) async throws

    /// Notes that a server has ended.
    func forgetServer(_ server: ServerID) async throws

    /// The servers that have reported lately (``ServerReport/patience``).
    func runningServers() async throws -> [ServerReport]

    // MARK: Audit

    /// Entries of the audit log, newest first.
    func auditEntries(limit: Int) async throws -> [RecordedAuditEntry]

    // MARK: Operations

    /// Nothing, when the database can be read.
    func checkHealth() async throws
}

extension SessionStore {
    /// Registers a client without a secret.
    /// - Throws: ``ClientRefusal``, `idTaken`.
    package func addClient(_ client: Client) async throws {
        try await addClient(client, secret: nil)
    }
}

/// An audit entry as the log has it.
package struct RecordedAuditEntry: Sendable {
    package let position: Int64
    package let at: UnixTime
    package let entry: AuditEntry

    package init(position: Int64, at: UnixTime, entry: AuditEntry) {
        self.position = position
        self.at = at
        self.entry = entry
    }
}
