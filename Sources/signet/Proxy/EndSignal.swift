import UnixSignals

/// The signals by which people and supervisors end a process: once this is made they do not end it by themselves any more.
struct EndSignal: Sendable {
    private let signals: UnixSignalsSequence

    init() async {
        signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    }

    /// Waits for SIGINT or SIGTERM, or for the task's cancellation.
    func wait() async {
        for await _ in signals { return }
    }
}
