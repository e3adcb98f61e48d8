import Foundation
import GRDB
import SignetSessions
import SignetTokens

/// Whether a database grows under constant load: rows and bytes before and after 200,000 renewals of 1,000 sessions.
struct GrowthBenchmark {
    private static let sessions = 1000
    private static let renewals = 200

    let folder: String

    func run() async throws {
        try FileManager.default.createDirectory(atPath: folder + "/growth", withIntermediateDirectories: true)
        let server = try await BenchmarkServer(folder: folder + "/growth")
        var devices: [Secret<String>] = []
        for _ in 0..<Self.sessions {
            if let token = try await server.signedIn().refreshToken { devices.append(token) }
        }
        // A row has its full length once it knows a token before, a key and a nonce.
        devices = try await renewed(devices, times: 1, by: server)
        let before = try measure()

        _ = try await renewed(devices, times: Self.renewals, by: server)

        let after = try measure()
        print("\(Self.sessions) sessions, renewed once:".padding(toLength: 58, withPad: " ", startingAt: 0) + before)
        print(
            "\(Self.sessions * Self.renewals) renewals later:".padding(toLength: 58, withPad: " ", startingAt: 0) + after + "\n")
        guard before == after else { throw BrokenBound(sentence: "The database has grown under constant load.") }
    }

    private func renewed(
        _ devices: [Secret<String>], times: Int, by server: BenchmarkServer
    ) async throws -> [Secret<String>] {
        try await withThrowingTaskGroup(of: Secret<String>.self) { group in
            for device in devices {
                group.addTask {
                    var token = device
                    for _ in 0..<times {
                        let request = RenewalRequest(
                            refreshToken: token, idempotencyKey: .random(systemRandomBytes), origin: .unknown, deadline: .none)
                        token = try await server.renew(request).refreshToken ?? token
                    }
                    return token
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Rows and bytes after a checkpoint, when the file alone is everything.
    private func measure() throws -> String {
        let path = folder + "/growth/signet.db"
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            let rows = try tables.reduce(0) { try $0 + (Int.fetchOne(database, sql: "SELECT count(*) FROM \($1)") ?? 0) }
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return "\(rows) rows, \(attributes[.size] as? Int ?? 0) bytes"
        }
    }
}
