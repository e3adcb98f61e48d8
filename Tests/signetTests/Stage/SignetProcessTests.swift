import Foundation
import Testing

@Suite("A process under test", .timeLimit(.minutes(5)))
struct SignetProcessTests {
    private struct Surprise: Error {}

    private let shell = "/bin/sh"

    @Test("what was built lies beside the tests", arguments: ["signet", "NotesAPI"])
    func findsPrograms(name: String) {
        #expect(FileManager.default.isExecutableFile(atPath: SignetProcess.path(of: name)))
    }

    @Test("output, errors and status are collected to the end")
    func collects() async throws {
        let outcome = try await SignetProcess.outcome(shell, ["-c", "seq 20000; echo oh >&2; exit 3"])

        #expect(outcome.exit == .status(3))
        #expect(outcome.output == (1...20_000).map { "\($0)\n" }.joined())
        #expect(outcome.errors == "oh\n")
    }

    @Test("standard input is what was given, and then ends", arguments: [0, 1, 300_000])
    func givesInput(length: Int) async throws {
        let input = String(repeating: "x", count: length)

        let outcome = try await SignetProcess.outcome(shell, ["-c", "cat"], input: input)

        #expect(outcome.output.utf8.count == length)
        #expect(outcome.output == input)
    }

    @Test("a program that does not read its input hurts nobody")
    func toleratesDeafness() async throws {
        let outcome = try await SignetProcess.outcome(shell, ["-c", "exit 0"], input: String(repeating: "x", count: 300_000))

        #expect(outcome.exit == .status(0))
    }

    @Test("it runs in the folder, and with the environment, that it was given")
    func givesSurroundings() async throws {
        let outcome = try await SignetProcess.outcome(
            shell, ["-c", "pwd; echo $WAX"], environment: ["WAX": "red"], in: "/usr/share")

        #expect(outcome.output == "/usr/share\nred\n")
    }

    @Test("it inherits no open file of the tests")
    func inheritsNothing() async throws {
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }

        let outcome = try await SignetProcess.outcome(shell, ["-c", "ls /proc/$$/fd | sort -n | tr '\\n' ' '"])

        #expect(outcome.output.hasPrefix("0 1 2 "))
        #expect(!outcome.output.split(separator: " ").contains("\(leak)"))
    }

    @Test("the ready line is seen while the process runs on")
    func seesReadyLine() async throws {
        try await SignetProcess.run(shell, ["-c", "echo hello; echo Signet is ready at http://x; exec tail -f /dev/null"]) {
            process in
            let url = try await process.ready()

            #expect(url == "http://x")
            #expect(isAlive(process.pid))
            #expect(process.outputSoFar == "hello\nSignet is ready at http://x\n")
        }
    }

    @Test("a process that ends before it is ready says why")
    func reportsEarlyEnd() async throws {
        try await SignetProcess.run(shell, ["-c", "echo no database >&2; exit 1"]) { process in
            let failure = await #expect(throws: SignetProcess.NoSuchLine.self) { try await process.ready() }

            #expect(failure?.errors == "no database\n")
        }
    }

    @Test("a signal reaches it, and the end says which", arguments: [SIGKILL, SIGTERM, SIGINT])
    func sendsSignals(signal: Int32) async throws {
        try await SignetProcess.run(shell, ["-c", "echo ready; exec tail -f /dev/null"]) { process in
            _ = try await process.ready(after: "ready")

            process.signal(signal)
            let exit = try await process.exit()

            #expect(exit == .signal(signal))
            #expect(!isAlive(process.pid))
        }
    }

    @Test("nothing is left of it when a test fails, not even its children")
    func leavesNothing() async throws {
        var pids: [pid_t] = []
        await #expect(throws: Surprise.self) {
            try await SignetProcess.run(shell, ["-c", "tail -f /dev/null & echo child $!; tail -f /dev/null"]) { process in
                pids = [process.pid, try #require(pid_t(try await process.ready(after: "child ")))]
                throw Surprise()
            }
        }

        #expect(pids.count == 2)
        #expect(pids.filter(isAlive) == [])
    }

    @Test("a child that outlives its killed parent is ended too")
    func endsOrphans() async throws {
        let child = try await SignetProcess.run(shell, ["-c", "tail -f /dev/null & echo child $!; tail -f /dev/null"]) {
            process in
            let child = try #require(pid_t(try await process.ready(after: "child ")))
            process.signal(SIGKILL)
            _ = try await process.exit()
            #expect(isAlive(child))
            return child
        }

        #expect(!isAlive(child))
    }

    @Test("a test that is cancelled while it waits ends its process")
    func endsWhenCancelled() async throws {
        let (pids, started) = AsyncStream.makeStream(of: pid_t.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await SignetProcess.run(shell, ["-c", "echo ready; exec tail -f /dev/null"]) { process in
                    _ = try await process.ready(after: "ready")
                    started.yield(process.pid)
                    _ = try await process.ready(after: "never")
                }
            }
            var iterator = pids.makeAsyncIterator()
            let pid = try #require(await iterator.next())

            group.cancelAll()

            await #expect(throws: SignetProcess.NoSuchLine.self) { try await group.waitForAll() }
            #expect(!isAlive(pid))
        }
    }

    @Test("what cannot be started is an error that names it")
    func reportsMissingProgram() async throws {
        let failure = await #expect(throws: Spawn.Failure.self) { try await SignetProcess.outcome("/nowhere/signet", []) }

        #expect(failure?.description.contains("/nowhere/signet") == true)
    }

    /// Whether the process runs; one that is dead and not yet collected by its parent does not.
    private func isAlive(_ pid: pid_t) -> Bool {
        guard let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
        let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
        return fields?.first != "Z"
    }
}
