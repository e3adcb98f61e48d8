import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

/// A network on which no answer ever ends; only a cancelled request comes back.
final class SilentTransport: Transport {
    private let count = Mutex(0)
    private let clock = ManualClock()

    /// How many requests have left.
    var sent: Int { count.withLock(\.self) }

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        count.withLock { $0 += 1 }
        try await clock.sleep(until: clock.now.advanced(by: .seconds(1)), tolerance: nil)
        throw TransportError("this clock never moves")
    }
}
