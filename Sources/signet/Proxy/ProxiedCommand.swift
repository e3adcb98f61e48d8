import Foundation
import Synchronization

/// A command that is run while the proxy stands, and finds it in `SIGNET_SERVER`.
struct ProxiedCommand {
    private let arguments: [String]
    private let server: String

    init(_ arguments: [String], server: String) {
        self.arguments = arguments
        self.server = server
    }

    /// Runs it to its end, and returns its status; a signal that ends it counts as 128 and its number, as shells have it.
    func run() async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["SIGNET_SERVER": server]) { $1 }
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
            end.finish()
        }
        // Before the signals are trapped, for a child inherits what is ignored.
        try process.run()
        let running = Running(process)
        return await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await status in ends { return status }
                return nil
            }
            group.addTask {
                await EndSignal.wait()
                if !Task.isCancelled { running.terminate() }
                return nil
            }
            var status: Int32?
            while status == nil, let next = await group.next() { status = next }
            group.cancelAll()
            return status ?? 1
        }
    }

    /// Foundation's process is no `Sendable`; only its end is asked for from elsewhere.
    private final class Running: Sendable {
        private let pid: pid_t

        init(_ process: Process) {
            pid = process.processIdentifier
        }

        func terminate() {
            kill(pid, SIGTERM)
        }
    }
}
