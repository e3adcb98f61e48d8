import SignetTokens

/// How long to wait before the feed is asked for again: twice as long each time, within 1 s and 30 s, and never in step with others.
struct ReconnectPauses: Sendable {
    /// The longest pause while the server may come back at any moment.
    static let longest: Duration = .seconds(30)
    /// After a credential was refused: somebody has to do something first.
    static let afterRefusal: Duration = .seconds(120)
    /// Twice the shortest first pause, where the server does not say (`retry:`).
    private static let standard: Duration = .seconds(2)

    private let randomBytes: RandomBytes
    private var failures = 0

    init(randomBytes: @escaping RandomBytes) {
        self.randomBytes = randomBytes
    }

    /// The stream was complete: the next failure is the first again.
    mutating func reset() {
        failures = 0
    }

    /// The next pause, for a connection that ended like this; `nil` when the server wants no other.
    mutating func next(after end: FeedEnd, retry: Duration?) -> Duration? {
        switch end {
        case .unwanted: return nil
        case .refused: return jittered(Self.afterRefusal)
        case .ended, .broken, .silent, .incomplete, .keysUnavailable, .unreadable, .answered:
            let first = min(max(retry ?? Self.standard, Self.standard), Self.longest)
            defer { failures += 1 }
            return jittered(min(first * (1 << min(failures, 8)), Self.longest))
        }
    }

    /// Between a half and the whole, so that a thousand readers do not come back in the same instant.
    private func jittered(_ pause: Duration) -> Duration {
        let share = randomBytes(2).reduce(0) { $0 << 8 | Int64($1) }
        return pause / 2 + .milliseconds((pause / 2).wholeMilliseconds * share / 0xFFFF)
    }
}
