/// Whether a condition comes true within the limit, the last time looked at after it: another process can only be asked again and again.
///
/// The limit that is used when none is given only guards against waiting for ever.
func eventually(
    within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(5), _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: pause)
    }
    return try await condition()
}
