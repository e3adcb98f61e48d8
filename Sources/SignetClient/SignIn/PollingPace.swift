/// How often a device asks whether it was confirmed (RFC 8628, section 3.5).
struct PollingPace: Sendable {
    /// How long to wait before asking.
    private(set) var pause: Duration
    private var interval: Duration

    /// Longer than this nobody waits who has just said yes, unless the server asked for it.
    private static let longest = Duration.seconds(60)

    init(interval: Duration) {
        self.interval = interval
        pause = interval
    }

    /// The server answered, so whatever was wrong is over.
    mutating func wasAnswered() {
        pause = interval
    }

    /// Five seconds more, for this and every later question.
    mutating func slowDown() {
        interval += .seconds(5)
        pause = interval
    }

    /// The pause doubles with each failure.
    /// - Parameter asked: how long the server asked to be left alone.
    mutating func wasNotAnswered(pause asked: Duration?) {
        pause = max(min(pause * 2, max(Self.longest, interval)), asked ?? .zero)
    }
}
