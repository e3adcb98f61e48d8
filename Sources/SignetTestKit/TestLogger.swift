public import Logging

/// Takes every line, of whatever level, with its metadata and its error.
private struct TestLogHandler: LogHandler {
    let log: TestLog
    let observe: @Sendable (_ level: Logger.Level, _ message: String, _ line: String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = "\(event.level) \(event.message) \(all) \(event.error.map { "\($0)" } ?? "")"
        observe(event.level, "\(event.message)", line)
        log.append(line)
    }
}

extension Logger {
    /// The logger of every test: what it is given is searched for secrets when all tests have run.
    public static let test = Logger.test()

    /// A logger whose lines a test looks at besides.
    /// - Parameter observe: called with each line's level, its message, and the whole line.
    public static func test(
        in log: TestLog = .ofThisRun,
        _ observe: @escaping @Sendable (_ level: Logger.Level, _ message: String, _ line: String) -> Void = { _, _, _ in }
    ) -> Logger {
        Logger(label: "test") { _ in TestLogHandler(log: log, observe: observe) }
    }
}
