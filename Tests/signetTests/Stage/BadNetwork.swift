import SignetTokens
import Synchronization
import Testing

@testable import signet

/// A bad network before a server of 127.0.0.1: the proxy of `signet proxy-lost-answers`, what happened to the requests, and what it
/// thinks of the clients.
struct BadNetwork: Sendable {
    fileprivate final class Watch: Sendable {
        private let state = Mutex((met: [Fault](), judge: ClientJudge()))

        func see(_ event: ProxyEvent, at now: UnixTime) {
            state.withLock { state in
                if case .asked(_, _, let fault) = event { state.met.append(fault) }
                _ = state.judge.see(event, at: now)
            }
        }

        var seen: (met: [Fault], judge: ClientJudge) { state.withLock { $0 } }
    }

    fileprivate let watch: Watch

    /// Where clients reach it.
    let port: Int

    /// What has happened to the requests so far, in the order of their arrival.
    var met: [Fault] { watch.seen.met }

    /// What was counted and found so far.
    var judge: ClientJudge { watch.seen.judge }
}

extension FaultyProxy {
    /// Stands before the server at `serverPort` while `body` runs.
    static func run<Result: Sendable>(
        to serverPort: Int, plan: FaultPlan, only scope: Scope = .all, _ body: (BadNetwork) async throws -> Result
    ) async throws -> Result {
        let watch = BadNetwork.Watch()
        let address = try #require(UpstreamAddress("http://127.0.0.1:\(serverPort)"))
        let proxy = FaultyProxy(before: try Upstream(address), plan: plan, scope: scope, watch: watch.see)
        return try await proxy.run { port in try await body(BadNetwork(watch: watch, port: port)) }
    }
}

extension FaultPlan {
    /// Random faults for the given share of the requests, from 0 to 1: every kind that leaves client and server what they are.
    init(seed: UInt64, share: Double) {
        let kinds: [FaultChances.Kind] = [.loseRequest, .loseAnswer, .cutAnswer, .delayAnswer, .repeatRequest, .repeatRequest]
        let shares = kinds.map { (kind: $0, share: share / Double(kinds.count)) }
        self.init(FaultChances(shares: shares, delay: .milliseconds(25)), seed: seed)
    }
}
