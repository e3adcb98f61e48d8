import Testing

/// Another program that opens the database: Python's own SQLite.
struct SQLiteShell {
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Runs a script on the database.
    func callAsFunction(_ script: String) async throws {
        let outcome = try await Tool.runPython(
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.stdin.read()); c.commit()", [path],
            input: script)
        try #require(outcome.exit == .status(0), "\(outcome.errors)")
    }

    /// Runs a script and keeps the database open, with what locks it has, while `body` runs.
    func hold<Result>(_ script: String, _ body: () async throws -> Result) async throws -> Result {
        let program = """
            import sqlite3, sys, time
            c = sqlite3.connect(sys.argv[1], isolation_level=None)
            for statement in sys.argv[2].split(';'): c.execute(statement)
            print('It is held', flush=True)
            while True: time.sleep(60)
            """
        return try await SignetProcess.run(try Tool.python, ["-c", program, path, script]) { holder in
            _ = try await holder.ready(after: "It is held")
            return try await body()
        }
    }
}
