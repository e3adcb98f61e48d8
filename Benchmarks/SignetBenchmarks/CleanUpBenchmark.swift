import Foundation
import GRDB
import SignetSessions
import SignetTokens

/// How long a renewal takes while a million dead sessions are being removed, against the same without any.
struct CleanUpBenchmark {
    private static let clients = 8
    private static let dead = 1_000_000
    private static let rounds = 12
    private static let turn: Duration = .seconds(5)

    let folder: String

    func run() async throws {
        let (quiet, busy) = (try await server(in: "quiet"), try await server(in: "busy"))
        try addDeadSessions(to: folder + "/busy/signet.db")
        var (quietDevices, busyDevices) = (try await devices(of: quiet), try await devices(of: busy))
        var (without, with): ([Duration], [Duration]) = ([], [])
        var (removed, spent) = (0, Duration.zero)
        // In turns, for disks are moody, and shared.
        for _ in 0..<Self.rounds {
            without += try await renewals(quiet, &quietDevices, for: Self.turn)
            let forget = ForgetExpired(
                store: busy.store, defaults: busy.defaults, deadFor: .seconds(7 * 86_400), clock: ContinuousClock())
            let start = ContinuousClock.now
            let cleanUp = Task {
                var count = 0
                do {
                    try await forget { count += $0.sessions }
                } catch is CancellationError {}
                return count
            }
            with += try await renewals(busy, &busyDevices, for: Self.turn)
            spent += start.duration(to: .now)
            cleanUp.cancel()
            removed += try await cleanUp.value
        }

        let (before, during) = (Percentiles(without), Percentiles(with))
        report("renewals by \(Self.clients) at once, nothing dead", before)
        report("the same while dead sessions are being removed", during, against: before)
        let rate = Double(removed) / (spent / .seconds(1))
        print(
            String(
                format: "    of %d dead sessions %d were removed in %.0f s, %.0f a second\n", Self.dead, removed,
                spent / .seconds(1), rate))
        guard during.p99 <= before.p99 * 2 else {
            throw BrokenBound(sentence: "While dead sessions are being removed the 99th percentile is more than twice as long.")
        }
    }

    private func server(in name: String) async throws -> BenchmarkServer {
        try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
        return try await BenchmarkServer(folder: folder + "/" + name)
    }

    private func devices(of server: BenchmarkServer) async throws -> [Secret<String>] {
        var devices: [Secret<String>] = []
        for _ in 0..<Self.clients {
            if let token = try await server.signedIn().refreshToken { devices.append(token) }
        }
        return devices
    }

    /// Ten dead sessions each of many users, half of them signed out and half idle, in the state in which devices leave them.
    private func addDeadSessions(to path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA cache_size = -400000;
                    PRAGMA synchronous = OFF;
                    BEGIN;
                    INSERT INTO users (user_id, name, name_key, password_hash, created_at)
                    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < \(Self.dead / 10))
                    SELECT randomblob(16), 'user ' || number, 'user ' || number, '', 0 FROM numbers;
                    INSERT INTO sessions (user_id, session_id, client_id, device_name, scope, resources, amr, auth_time, address,
                        user_agent, created_at, last_renewed_at, current_hash, previous_hash, generation, key_version, rotated_at,
                        rotation_key, rotation_nonce, ended_at, ending)
                    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 10)
                    SELECT user_id, randomblob(16), 'signet', 'A phone of the year before', 'account', '[]', '["pwd"]',
                        1600000000000, '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)', 1600000000000, 1600000000000,
                        randomblob(32), randomblob(32), 300, 1, 1600000000000, randomblob(32), randomblob(16),
                        CASE number % 2 WHEN 0 THEN 1600000000000 END, CASE number % 2 WHEN 0 THEN 'signed_out' END
                    FROM users JOIN numbers
                    WHERE name LIKE 'user %'
                    ORDER BY user_id;
                    COMMIT;
                    PRAGMA wal_checkpoint(TRUNCATE);
                    """)
        }
        try queue.close()
    }

    /// Renews on every device as fast as it is answered, and says how long each renewal took.
    private func renewals(
        _ server: BenchmarkServer, _ devices: inout [Secret<String>], for duration: Duration
    ) async throws -> [Duration] {
        let end = ContinuousClock.now.advanced(by: duration)
        let results = try await withThrowingTaskGroup(of: (Secret<String>, [Duration]).self) { group in
            for device in devices {
                group.addTask {
                    var (token, times): (Secret<String>, [Duration]) = (device, [])
                    while ContinuousClock.now < end {
                        let request = RenewalRequest(
                            refreshToken: token, idempotencyKey: .random(systemRandomBytes), origin: .unknown, deadline: .none)
                        let start = ContinuousClock.now
                        token = try await server.renew(request).refreshToken ?? token
                        times.append(start.duration(to: .now))
                    }
                    return (token, times)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        devices = results.map(\.0)
        return results.flatMap(\.1)
    }
}
