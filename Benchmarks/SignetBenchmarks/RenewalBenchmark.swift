import GRDB
import SignetSessions
import SignetTokens

/// Renewals, durable before they are answered, against the bare statement and its commit on the same disk: what group commit buys.
struct RenewalBenchmark {
    let folder: String

    func run() async throws {
        let bare = try bareDatabase()
        let server = try await BenchmarkServer(folder: folder)
        try fillLog(of: folder + "/signet.db")
        for clients in [1, 8, 64] {
            // Anew beside each line: disks are moody, and shared.
            let baseline = try bareUpdates(bare)
            report("bare UPDATE and commit, synchronous = FULL", baseline)
            report("renewals by \(clients) at once", try await renewals(server, clients: clients), against: baseline)
        }
        print()
    }

    private func bareDatabase() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        let database = try DatabaseQueue(path: folder + "/bare.db", configuration: configuration)
        try database.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    CREATE TABLE sessions (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
                    INSERT INTO sessions VALUES (1, zeroblob(32));
                    """)
        }
        try fillLog(of: folder + "/bare.db")
        return database
    }

    /// Makes the write-ahead log as long as it gets: to write over it costs less than to make it longer, and a server that has
    /// run for a minute only does the former.
    private func fillLog(of path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    CREATE TABLE filling (bytes BLOB);
                    INSERT INTO filling VALUES (zeroblob(16000000));
                    DROP TABLE filling;
                    PRAGMA wal_checkpoint(RESTART);
                    """)
        }
        try database.close()
    }

    private func bareUpdates(_ database: DatabaseQueue) throws -> Rate {
        try database.writeWithoutTransaction { database in
            let update = try database.makeStatement(sql: "UPDATE sessions SET hash = randomblob(32) WHERE id = 1")
            return try Rate.measure { try update.execute() }
        }
    }

    private func renewals(_ server: BenchmarkServer, clients: Int) async throws -> Rate {
        var devices: [Secret<String>] = []
        for _ in 0..<clients {
            if let token = try await server.signedIn().refreshToken { devices.append(token) }
        }
        let clock = ContinuousClock()
        let start = clock.now
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for device in devices {
                group.addTask {
                    var token = device
                    var count = 0
                    while start.duration(to: clock.now) < .seconds(3) {
                        let request = RenewalRequest(
                            refreshToken: token, idempotencyKey: .random(systemRandomBytes), origin: .unknown, deadline: .none)
                        token = try await server.renew(request).refreshToken ?? token
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Rate(count: count, in: start.duration(to: clock.now))
    }
}
