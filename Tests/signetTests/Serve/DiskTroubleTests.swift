import Foundation
import SignetTokens
import Testing

extension Story {
    @Suite("A server whose disk fails it while it runs answers 503, loses nothing, and goes on when the disk does")
    struct DiskTroubleTests {
        @Test("a file that may not grow")
        func cannotGrow() async throws {
            try await Installation.make { signet in
                // SIGXFSZ would end the process; a full disk sends no signal, so this stands for one only without it.
                let shell = ["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", SignetProcess.path(of: "signet")] + signet.serving()
                try await SignetProcess.run("/bin/sh", shell) { server in
                    _ = try await server.ready()
                    try await expectRecovery(
                        at: signet,
                        fill: { try await limit(server, to: "0") }, free: { try await limit(server, to: "unlimited") })
                }
            }
        }

        @Test("a disk that is full", .enabled(if: canMount, "a small file system can be mounted by root alone"))
        func full() async throws {
            try await Installation.make { outer in
                let disk = outer.folder + "/disk"
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
                let mounted = try await Tool.run("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk])
                try #require(mounted.exit == .status(0), "\(mounted.errors)")
                let signet = Installation(folder: disk, port: outer.port)
                let outcome = await attempt {
                    try await signet.serve { _ in
                        try await expectRecovery(
                            at: signet, fill: { try fill(disk) }, free: { unlink(disk + "/ballast") })
                    }
                    try fill(disk)
                    let refused = try await Installation(folder: disk, port: outer.port).serveInVain([
                        "--database", disk + "/new.db",
                    ])
                    #expect(refused.exit == .status(1))
                    #expect(
                        refused.errors
                            == "There is no room left for the database \(disk)/new.db; free some space, then try again.\n")
                }
                _ = try await Tool.run("umount", ["--lazy", disk])
                try outcome.get()
            }
        }

        @Test("a database that another program has locked")
        func locked() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    try await signet.addUser()
                    let tokens = try await signet.signIn()
                    try await SQLiteShell(signet.database).hold("BEGIN EXCLUSIVE") {
                        let refused = try await signet.renew(tokens.refreshToken, key: key)
                        expectUnavailable(refused)
                        // Reading goes on.
                        let call = try await signet.verify(tokens)
                        #expect(call.status == 200)
                    }
                    let renewed = try await signet.renew(tokens.refreshToken, key: key)
                    #expect(renewed.status == 200)
                }
            }
        }

        private let key = "the-key-of-the-device-in-trouble"

        private static var canMount: Bool {
            guard geteuid() == 0 else { return false }
            let place = FileManager.default.temporaryDirectory.appendingPathComponent("signet-mount-\(UUID().uuidString)").path
            defer { rmdir(place) }
            guard mkdir(place, 0o700) == 0, mount("tmpfs", place, "tmpfs", 0, nil) == 0 else { return false }
            return umount(place) == 0
        }

        private func expectRecovery(
            at signet: Installation, fill: () async throws -> Void, free: () async throws -> Void
        ) async throws {
            try await signet.addUser()
            var tokens = try await signet.signIn()
            tokens = try await signet.renew(tokens.refreshToken, key: "a-first-key-of-the-same-device").json()
            try await fill()

            // The log has some room left; nobody is told that their session has ended, however often they ask.
            var refused = 0
            for _ in 0..<300 where refused < 5 {
                let key = try "\(key)-\(tokens.generation)"
                let answer = try await signet.renew(tokens.refreshToken, key: key)
                if answer.status == 200 {
                    tokens = try answer.json()
                } else {
                    expectUnavailable(answer)
                    refused += 1
                }
            }
            #expect(refused == 5)
            let signIn = try await signet.trySigningIn()
            #expect(signIn.status == 503)
            let live = try await signet.http("GET", "/health/live")
            #expect(live.status == 200)

            try await free()
            let renewed = try await signet.renew(tokens.refreshToken, key: try "\(key)-\(tokens.generation)")
            try #require(renewed.status == 200, "\(renewed.text)")
            let generations = try (tokens.generation, renewed.json(IssuedTokens.self).generation)
            #expect(generations.1 == generations.0 + 1)
            _ = try await signet.signIn()
            let sessions = try await signet.listed("session", "list")["sessions"]?.array
            #expect(sessions?.count == 2)
        }

        private func expectUnavailable(_ answer: RawAnswer, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(answer.status == 503, "\(answer.text)", sourceLocation: sourceLocation)
            #expect(answer[member: "error"] == "temporarily_unavailable", sourceLocation: sourceLocation)
            #expect(answer[field: "Retry-After"] != nil, sourceLocation: sourceLocation)
        }

        private func limit(_ process: SignetProcess, to size: String) async throws {
            let outcome = try await Tool.run("prlimit", ["--pid", "\(process.pid)", "--fsize=\(size):unlimited"])
            try #require(outcome.exit == .status(0), "\(outcome.errors)")
        }

        /// Leaves not one free page.
        private func fill(_ disk: String) throws {
            let file = open(disk + "/ballast", O_WRONLY | O_CREAT, 0o600)
            defer { close(file) }
            let page = [UInt8](repeating: 0, count: 4_096)
            while write(file, page, page.count) > 0 {}
            try #require(errno == ENOSPC)
        }

        private func attempt<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
            do { return .success(try await body()) } catch { return .failure(error) }
        }
    }
}
