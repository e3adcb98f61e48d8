import SignetTokens
import Synchronization

/// Hands what the proxy sees to the judge, and tells it to whoever looks on.
final class ProxyWatch: Sendable {
    private struct State: Sendable {
        var judge: ClientJudge
        var open: [Int: (request: SeenRequest, fault: Fault)] = [:]
    }

    private let isTold: Bool
    private let isWordy: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - isTold: whether there is a line for each request that has to do with tokens, and for each fault.
    ///   - isWordy: whether there is a line for all others too.
    init(allowing allowed: Set<Mistake>, isTold: Bool, isWordy: Bool) {
        self.isTold = isTold
        self.isWordy = isWordy
        state = Mutex(State(judge: ClientJudge(allowing: allowed)))
    }

    /// What was seen so far.
    var judge: ClientJudge { state.withLock(\.judge) }

    /// Something has happened.
    @Sendable func see(_ event: ProxyEvent, at now: UnixTime) {
        state.withLock { state in
            let found = state.judge.see(event, at: now)
            guard isTold else { return }
            // Printed under the lock, for the lines are a history.
            if case .asked(let number, let request, let fault) = event { state.open[number] = (request, fault) }
            if case .answered(let number, let answer, let arrival) = event,
                let (request, fault) = state.open.removeValue(forKey: number),
                isWordy || request.isAboutTokens || fault != .none
            {
                Output.note(Self.line(number, request, fault, answer, arrival))
            }
            for finding in found { Output.note("! \(finding.mistake.sentence) \(finding.evidence)") }
        }
    }

    private static func line(
        _ number: Int, _ request: SeenRequest, _ fault: Fault, _ answer: SeenAnswer?, _ arrival: Arrival
    ) -> String {
        let what =
            switch request.purpose {
            case .renewal(let token?, _, _): "renewal of \(token.sessionID), generation \(token.generation)"
            case .renewal(nil, _, _): "renewal with what is no refresh token"
            case .signIn: "sign-in"
            case .signOut, .other: request.line
            }
        let server = answer.map { "the server answered \($0.status)" } ?? "the server was not asked"
        let client =
            switch arrival {
            case .whole: ""
            case .lost: ", the client got no whole answer"
            case .replaced(let other): ", the client got \(other.status)"
            case .unreachable: ", the server could not be reached, or broke off"
            }
        return "#\(number) \(what): \(fault == .none ? "" : "\(fault.word); ")\(server)\(client)"
    }
}
