import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    private static let save = """
        INSERT INTO running_servers (server_id, master_key_id, key_cache_time, seen_at)
        VALUES (:server, :master_key_id, :key_cache_time, :now)
        ON CONFLICT (server_id) DO UPDATE
        SET master_key_id = :master_key_id, key_cache_time = :key_cache_time, seen_at = :now
        """
    /// Those that ended without a word go with the next report.
    private static let forgetSilent = "DELETE FROM running_servers WHERE seen_at < :silent"
    private static let forget = "DELETE FROM running_servers WHERE server_id = :server"
    private static let select = "SELECT * FROM running_servers WHERE seen_at >= :silent ORDER BY server_id"

    package func report(_ server: ServerID, masterKeyID: String, keyCacheTime: Duration) async throws {
        try await write { [clock] database in
            let now = clock.now
            try database.cachedStatement(sql: Self.save).execute(arguments: [
                "server": server.column, "master_key_id": masterKeyID, "key_cache_time": keyCacheTime.wholeMilliseconds,
                "now": now.milliseconds,
            ])
            try database.cachedStatement(sql: Self.forgetSilent).execute(arguments: ["silent": Self.silent(at: now)])
        }
    }

    package func forgetServer(_ server: ServerID) async throws {
        try await write { try $0.execute(sql: Self.forget, arguments: ["server": server.column]) }
    }

    package func runningServers() async throws -> [ServerReport] {
        try await readers.read { [clock] database in
            let arguments: StatementArguments = ["silent": Self.silent(at: clock.now)]
            return try Row.fetchAll(database, sql: Self.select, arguments: arguments).map { row in
                ServerReport(
                    serverID: try row.identifier("server_id"), masterKeyID: row["master_key_id"],
                    keyCacheTime: .milliseconds(row["key_cache_time"] as Int64), seenAt: try row.moment("seen_at")
                )
            }
        }
    }

    private static func silent(at now: UnixTime) -> Int64 {
        now.advanced(by: .zero - ServerReport.patience).milliseconds
    }
}
