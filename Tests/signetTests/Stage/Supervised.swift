import Foundation
import SignetTokens
import Synchronization
import Testing

/// A process that comes back whenever it is killed, as it does under a supervisor.
final class Supervised: Sendable {
    private struct State {
        var process: SignetProcess?
        var lives = 0
    }

    private let state = Mutex(State())

    /// Runs a process again and again while `body` does, which begins when it is ready for the first time.
    ///
    /// - Parameter live: one life of the process; what it hands over is ready, and lives until it is killed.
    static func run<Result: Sendable>(
        _ live: @escaping @Sendable (_ ready: (SignetProcess) async throws -> Void) async throws -> Void,
        while body: (Supervised) async throws -> Result
    ) async throws -> Result {
        let supervised = Supervised()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try await live { process in
                        supervised.begin(process)
                        _ = try await process.exit()
                        supervised.state.withLock { $0.process = nil }
                    }
                }
            }
            let isUp = try await eventually { supervised.lives > 0 }
            try #require(isUp)
            let result = try await body(supervised)
            group.cancelAll()
            return result
        }
    }

    /// How often it came to life.
    var lives: Int { state.withLock(\.lives) }

    /// Kills it with SIGKILL at whatever it is doing; if it is dead, as soon as it is ready again.
    func killOnceAlive() async throws {
        var victim: SignetProcess?
        let isAlive = try await eventually {
            victim = state.withLock(\.process)
            return victim != nil
        }
        try #require(isAlive)
        state.withLock { $0.process = nil }
        victim?.signal(SIGKILL)
    }

    private func begin(_ process: SignetProcess) {
        state.withLock { state in
            state.process = process
            state.lives += 1
        }
    }
}
