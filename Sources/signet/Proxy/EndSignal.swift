import UnixSignals

/// The signals by which people and supervisors end a process.
enum EndSignal {
    /// Waits for SIGINT or SIGTERM, or for the task's cancellation.
    static func wait() async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}
