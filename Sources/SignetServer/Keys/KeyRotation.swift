import Logging
import ServiceLifecycle
import SignetSessions
import SignetTokens

/// Rotates the signing key and the refresh key when they have been in use for long enough; of several servers the first one does.
struct KeyRotation: Service {
    /// How often it looks whether it is time.
    private static let interval: Duration = .seconds(60)

    let signingKey: RotateSigningKey
    let refreshKey: RotateRefreshKey
    /// How long a key is in use; `nil` is until an operator rotates it.
    let age: Duration?
    /// A clock that only goes forward.
    let clock: any Clock<Duration>
    let logger: Logger

    /// Looks until the application shuts down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let age { await rotate(ifOlderThan: age) }
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    private func rotate(ifOlderThan age: Duration) async {
        do {
            if let turn = try await signingKey(ifOlderThan: age) {
                logger.notice(
                    "The signing key is rotated",
                    metadata: ["key.id": "\(turn.keyID)", "signs_from": "\(turn.signsFrom.rfc3339)"])
            }
            if let version = try await refreshKey(ifOlderThan: age) {
                logger.notice("The refresh key is rotated", metadata: ["key.id": "\(version)"])
            }
        } catch {
            if Task.isCancelled { return }
            logger.error("The keys cannot be rotated", metadata: ["error.type": "\(type(of: error))"])
        }
    }
}
