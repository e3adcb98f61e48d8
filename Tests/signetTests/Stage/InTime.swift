import Testing

/// Holds what happens against a limit in real time, at most three times, each of them checked in full.
///
/// A machine with other things to do may let a process wait longer than any promise; a promise that is broken is broken each time.
/// - Parameter body: does it once, and returns how long it took.
func expectInTime(
    _ limit: Duration, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Duration
) async throws {
    var times: [Duration] = []
    repeat { times.append(try await body()) } while times[times.count - 1] >= limit && times.count < 3
    #expect(times[times.count - 1] < limit, "it took \(times)", sourceLocation: sourceLocation)
}
