import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A program that was built beside the tests, running as a process: `signet`, `NotesAPI`, or any other by its path.
///
///     try await SignetProcess.run("signet", ["serve", "--port", "0"]) { server in
///         let url = try await server.ready()
///         …
///         server.signal(SIGKILL)
///         let exit = try await server.exit()  // .signal(SIGKILL)
///     }
final class SignetProcess: Sendable {
    /// How a process ended.
    enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// What a process said and did, from beginning to end.
    struct Outcome: Sendable {
        let exit: Exit
        let output: String
        let errors: String
    }

    /// The process ended, or closed its standard output, without the line that a test waited for.
    struct NoSuchLine: Error, CustomStringConvertible {
        let output: String
        let errors: String

        var description: String { "the line never came; output:\n\(output)\nerrors:\n\(errors)" }
    }

    /// A descendant of the process lives on: it has shed its environment, or belongs to somebody else, and holds the output open.
    struct Escaped: Error {
        let pid: pid_t
    }

    /// Its process id.
    let pid: pid_t

    private let output = Transcript()
    private let errors = Transcript()
    private let leftovers: Leftovers
    private let leaks: Leaks
    private let exited = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Exit.self)
    private let hasBeenReaped = Mutex(false)

    /// Runs a program while `body` does; afterwards it is dead and reaped, and its children with it, however the body ended.
    ///
    /// - Parameters:
    ///   - program: A name, looked for beside the test bundle, or a path.
    ///   - environment: Added to the test's own, of which `SIGNET_…` is left out.
    ///   - input: The whole standard input; empty when left out.
    ///   - directory: Where it runs; the test's own folder when left out.
    static func run<Result>(
        _ program: String = "signet", _ arguments: [String], environment: [String: String] = [:], input: String = "",
        in directory: String? = nil, _ body: (SignetProcess) async throws -> Result
    ) async throws -> Result {
        let process = try SignetProcess(program, arguments, environment, input, directory)
        do {
            // A test that is cancelled, at its time limit for one, waits for what only the end of the process can bring.
            let result = try await withTaskCancellationHandler {
                try await body(process)
            } onCancel: {
                process.signal(SIGKILL)
            }
            try await process.end()
            return result
        } catch {
            // Why the test failed matters more than what came of it.
            try? await process.end()
            throw error
        }
    }

    /// Runs a program to its own end.
    static func outcome(
        _ program: String = "signet", _ arguments: [String], environment: [String: String] = [:], input: String = "",
        in directory: String? = nil
    ) async throws -> Outcome {
        try await run(program, arguments, environment: environment, input: input, in: directory) { process in
            let exit = try await process.exit()
            return Outcome(exit: exit, output: try await process.output.whole(), errors: try await process.errors.whole())
        }
    }

    /// Where the program of that name was built: beside the test bundle.
    static func path(of program: String) -> String {
        guard !program.contains("/") else { return program }
        let bundle = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(program).path
    }

    /// Standard output so far.
    var outputSoFar: String { output.text }

    /// The processes that it started, and theirs, as far as they live; itself too while it lives.
    var family: [pid_t] { leftovers.processes() }

    /// Standard error so far.
    var errorsSoFar: String { errors.text }

    /// Waits for what follows `prefix` in the first line of standard output that begins with it.
    ///
    /// - Throws: ``NoSuchLine`` when the process ends first.
    func ready(after prefix: String = "Signet is ready at ") async throws -> String {
        guard let line = try await output.line(where: { $0.hasPrefix(prefix) }) else {
            throw NoSuchLine(output: output.text, errors: try await errors.whole())
        }
        return String(line.dropFirst(prefix.count))
    }

    /// The same in standard error, where a process says it that has its output for something else.
    func readyOnErrors(after prefix: String) async throws -> String {
        guard let line = try await errors.line(where: { $0.hasPrefix(prefix) }) else {
            throw NoSuchLine(output: output.text, errors: errors.text)
        }
        return String(line.dropFirst(prefix.count))
    }

    /// Sends it a signal; after its end that does nothing.
    func signal(_ signal: Int32) {
        // Until it is reaped the id is its own; afterwards the system may give it to another.
        hasBeenReaped.withLock { hasBeenReaped in
            if !hasBeenReaped { _ = kill(pid, signal) }
        }
    }

    /// Waits for its end, and says how it came.
    func exit() async throws -> Exit {
        try await exited.futureResult.get()
    }

    private init(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ input: String, _ directory: String?
    ) throws {
        leftovers = Leftovers()
        leaks = Leaks(program: program, arguments: arguments)
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SIGNET_") }
        let spawn = Spawn(
            path: Self.path(of: program), arguments: arguments,
            environment: inherited.merging(environment) { $1 }.merging(leftovers.mark) { $1 }, directory: directory)
        do {
            let outputPipe = try Self.pipe()
            let errorPipe = try Self.pipe()
            // A file and not a pipe, for a process that ends without reading it must not stop us with a signal.
            let standardInput = try Self.file(holding: input)
            defer { for descriptor in [standardInput, outputPipe.write, errorPipe.write] { close(descriptor) } }
            output.read(outputPipe.read)
            errors.read(errorPipe.read)
            pid = try spawn(input: standardInput, output: outputPipe.write, errors: errorPipe.write)
        } catch {
            exited.fail(error)
            throw error
        }
        reap()
    }

    /// Waits for the end on a thread of its own, for that blocks.
    private func reap() {
        Thread.detachNewThread { [self] in
            // First without reaping, so that a signal cannot be sent between the end of the process and our knowing of it.
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
            var status: Int32 = 0
            hasBeenReaped.withLock { hasBeenReaped in
                waitpid(pid, &status, 0)
                hasBeenReaped = true
            }
            // As the macros WIFSIGNALED, WTERMSIG and WEXITSTATUS do, which Swift does not see.
            exited.succeed(status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F))
        }
    }

    private func end() async throws {
        signal(SIGKILL)
        _ = try await exit()
        leftovers.sweep()
        // Nobody should hold the pipes any more, so their readers come to the end; a descendant that escaped must not stop the tests.
        let deadline = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .seconds(30)) { [self] in
            output.end()
            errors.end()
            return true
        }
        _ = try await (output.whole(), errors.whole())
        deadline.cancel()
        leaks.report(output: output.text, errors: errors.text)
        guard (try? await deadline.futureResult.get()) == nil else { throw Escaped(pid: pid) }
    }

    private static func pipe() throws(Spawn.Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw Spawn.Failure(call: "pipe", code: errno) }
        return (ends[0], ends[1])
    }

    /// A file without a name, read from its beginning.
    private static func file(holding text: String) throws(Spawn.Failure) -> Int32 {
        guard let file = tmpfile() else { throw Spawn.Failure(call: "tmpfile", code: errno) }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw Spawn.Failure(call: "fwrite", code: errno)
        }
        rewind(file)
        return dup(fileno(file))
    }
}
