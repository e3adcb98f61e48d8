import ArgumentParser
import Foundation
import NIOPosix
import SignetSQLite
import SignetServer
import SignetSessions
import SignetTokens

/// What every operator's command takes: the database to work on, also while the server runs.
struct OperatorOptions: ParsableArguments {
    @Option(help: "The database: a file; signet.db in this folder when left out.") var database: String?

    @Option(help: "A YAML file with settings: the one that `signet serve` was given.") var config: String?

    /// The settings that hold for operator's commands: flags and environment.
    /// - Throws: ``SettingsProblem``.
    func settings() throws -> Settings {
        let flags = database.map { [SettingKey.database: $0] } ?? [:]
        return try Settings(SettingsSources(flags: flags, environment: ProcessInfo.processInfo.environment, file: config))
    }

    /// The database, in which a server must have been founded.
    /// - Throws: ``SQLiteProblem``, ``SettingsProblem``, ``CommandFailure``.
    func store() async throws -> any SessionStore {
        let store = try SQLiteStore(path: settings().server.database, create: false, clock: SystemWallClock())
        guard try await store.foundation() != nil else {
            throw CommandFailure("No server was ever started on this database; start `signet serve` once to found it.")
        }
        return store
    }

    /// The hash of a password that somebody chooses.
    /// - Throws: ``PasswordRefusal``, ``SettingsProblem``.
    func hash(_ text: Secret<String>) async throws -> PasswordHash {
        let settings = try settings()
        let password = try Password(choosing: text, minimumLength: settings.passwordMinimumLength)
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let cost = PasswordCost(
            memory: UInt32(clamping: settings.server.passwordMemory), passes: UInt32(clamping: settings.server.passwordPasses),
            parallelism: 1
        )
        let hasher = try PasswordHasher(pool: pool, cost: cost, maximumWaiting: 1, randomBytes: systemRandomBytes)
        let hash = try await hasher.hash(password)
        try await pool.shutdownGracefully()
        return hash
    }
}

/// A user that a command names.
/// - Throws: ``AccountRefusal``.
func user(named name: String, in store: any SessionStore) async throws -> User {
    guard let name = Username(name), let user = try await store.user(named: name) else { throw AccountRefusal.unknownUser }
    return user
}
