/// Waits, without sleeping, until something is so.
///
/// It ends with the test's time limit, so that what never comes about is a failure and no hang.
public func until(_ isSo: () async throws -> Bool) async throws {
    while try await !isSo() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
