import Foundation
import NIOCore
import NIOPosix

/// A command that is run while the proxy stands, and finds it in `SIGNET_SERVER`.
struct ProxiedCommand {
    private let arguments: [String]
    private let server: String

    init(_ arguments: [String], server: String) {
        self.arguments = arguments
        self.server = server
    }

    /// Runs it to its end, and returns its status; a signal that ends it counts as 128 and its number, as shells have it.
    ///
    /// - Parameter end: at this signal it is told to end as well.
    func run(until end: EndSignal) async throws -> Int32 {
        let pid = try spawn()
        let exited = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Int32.self)
        // On a thread of its own, for that blocks.
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) == -1, errno == EINTR {}
            // As the macros WIFSIGNALED, WTERMSIG and WEXITSTATUS do, which Swift does not see.
            exited.succeed(status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await end.wait()
                if !Task.isCancelled { kill(pid, SIGTERM) }
            }
            defer { group.cancelAll() }
            return try await exited.futureResult.get()
        }
    }

    /// Not by Foundation's `Process`: that leaves signals ignored which this process ignores, and takes the command away from the terminal.
    private func spawn() throws -> pid_t {
        #if canImport(Darwin)
            var attributes: posix_spawnattr_t?
        #else
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let environment = ProcessInfo.processInfo.environment.merging(["SIGNET_SERVER": server]) { $1 }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in argv + envp { free(string) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], nil, &attributes, &argv, &envp)
        guard code == 0 else {
            throw CommandFailure("\(arguments[0]) cannot be started: \(String(cString: strerror(code))).")
        }
        return pid
    }
}
