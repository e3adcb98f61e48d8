import Synchronization

/// One operation at a time: whoever comes while it runs gets its result.
///
/// A caller that is cancelled leaves alone; the operation goes on for the others, and is finished even if all have left, for its
/// effects may have happened already.
final class SingleFlight<Value: Sendable>: Sendable {
    private typealias Passenger = CheckedContinuation<Value, any Error>

    private struct State {
        var nextID = 0
        var passengers: [Int: Passenger] = [:]
        var flight: Task<Void, Never>?
        /// Who has come but not boarded yet, and whether they were cancelled meanwhile.
        var arriving: [Int: Bool] = [:]
    }

    private let state = Mutex(State())

    /// How many are waiting for the result.
    var passengers: Int { state.withLock(\.passengers.count) }

    /// Whether the operation runs.
    var isUnderWay: Bool { state.withLock { $0.flight != nil } }

    /// Waits for the running operation, or begins `operation`.
    func run(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let id = state.withLock { state in
            state.nextID += 1
            state.arriving[state.nextID] = false
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { board($0, as: id, operation) }
        } onCancel: {
            leave(id)
        }
    }

    /// Begins `operation` if none is running; nobody waits for its result.
    func begin(_ operation: @escaping @Sendable () async throws -> Value) {
        state.withLock { begin(operation, &$0) }
    }

    private func begin(_ operation: @escaping @Sendable () async throws -> Value, _ state: inout State) {
        if state.flight == nil { state.flight = Task { await self.fly(operation) } }
    }

    private func board(_ passenger: Passenger, as id: Int, _ operation: @escaping @Sendable () async throws -> Value) {
        let isCancelled = state.withLock { state in
            if state.arriving.removeValue(forKey: id) == true { return true }
            state.passengers[id] = passenger
            begin(operation, &state)
            return false
        }
        if isCancelled { passenger.resume(throwing: CancellationError()) }
    }

    private func fly(_ operation: @Sendable () async throws -> Value) async {
        let result: Result<Value, any Error>
        do {
            result = .success(try await operation())
        } catch {
            result = .failure(error)
        }
        let passengers = state.withLock { state in
            defer { (state.passengers, state.flight) = ([:], nil) }
            return state.passengers.values
        }
        for passenger in passengers { passenger.resume(with: result) }
    }

    private func leave(_ id: Int) {
        let passenger = state.withLock { state in
            if state.arriving[id] != nil { state.arriving[id] = true }
            return state.passengers.removeValue(forKey: id)
        }
        passenger?.resume(throwing: CancellationError())
    }
}
