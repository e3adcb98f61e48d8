/// Runs `body` once for each of two cores at the same time; each is told which of all numbers are its own.
func inLanes(_ body: @escaping @Sendable (_ isMine: @escaping @Sendable (Int) -> Bool) async throws -> Void) async throws {
    let count = 2
    try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<count { group.addTask { try await body { $0 % count == lane } } }
        try await group.waitForAll()
    }
}
