import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization

@testable import SignetClient

/// The device grant of a server (RFC 8628), in front of a ``FakeSignet``, strict about what the client may do.
final class FakeDeviceDoor: Sendable {
    /// What the person has done with a code.
    enum Decision { case none, confirmed, declined }

    struct State {
        var interval: Int64? = 5
        var lifetime: Int64 = 600
        var issued = 0
        var codes: [String: (expiresAt: UnixTime, decision: Decision)] = [:]
        var lastPoll: UnixTime?
        /// How long after the one before each question came.
        var gaps: [Duration] = []
        /// What happens once so many questions were asked.
        var plan: [Int: @Sendable (inout State) -> Void] = [:]
        /// How many of the next questions come too fast for the server.
        var slowDowns = 0
    }

    private let signet: FakeSignet
    private let state = Mutex(State())

    /// What the client is registered for.
    static let grant = "urn:ietf:params:oauth:grant-type:device_code"

    init(_ signet: FakeSignet) {
        self.signet = signet
        signet.with { state in state.front = { [self] in answer($0) } }
    }

    func with<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// The person decides once so many questions were asked.
    func decide(_ decision: Decision, afterPolls count: Int) {
        with { $0.plan[count] = { state in for code in state.codes.keys { state.codes[code]?.decision = decision } } }
    }

    private func answer(_ request: FakeSignet.Recorded) -> (HTTPResponse, Data)? {
        switch (request.request.method, request.path) {
        case (.post, "/oauth/device_authorization"): begin(request)
        case (.post, "/oauth/token") where request.form("grant_type") == Self.grant: poll(request)
        default: nil
        }
    }

    private func begin(_ request: FakeSignet.Recorded) -> (HTTPResponse, Data) {
        guard request.request.headerFields[.contentType] == "application/x-www-form-urlencoded",
            request.form("client_id") == ClientID.signet.description
        else {
            return signet.json(400, ["error": "invalid_request"])
        }
        let now = signet.clock.now
        return state.withLock { state in
            state.issued += 1
            let code = "device-code-\(state.issued)/+="
            state.codes[code] = (now.advanced(by: .seconds(state.lifetime)), .none)
            state.lastPoll = now
            var object: JSONObject = JSONObject()
            object["device_code"] = .string(code)
            object["user_code"] = "WDJB-MJHT"
            object["verification_uri"] = "https://id.example.com/activate"
            object["verification_uri_complete"] = "https://id.example.com/activate?user_code=WDJB-MJHT"
            object["expires_in"] = .integer(state.lifetime)
            object["interval"] = state.interval.map(JSONValue.integer)
            return signet.json(200, .object(object))
        }
    }

    private func poll(_ request: FakeSignet.Recorded) -> (HTTPResponse, Data) {
        let now = signet.clock.now
        let error = state.withLock { state -> String? in
            state.gaps.append((state.lastPoll ?? now).duration(to: now))
            state.lastPoll = now
            state.plan.removeValue(forKey: state.gaps.count)?(&state)
            guard request.form("client_id") == ClientID.signet.description, let code = request.form("device_code"),
                let entry = state.codes[code]
            else {
                return "invalid_grant"
            }
            if state.slowDowns > 0 {
                state.slowDowns -= 1
                return "slow_down"
            }
            guard now < entry.expiresAt else { return "expired_token" }
            switch entry.decision {
            case .none: return "authorization_pending"
            case .declined: return "access_denied"
            case .confirmed:
                // One success only (section 5.2).
                state.codes[code] = nil
                return nil
            }
        }
        return error.map { signet.json(400, ["error": .string($0)]) } ?? signet.openSession(status: 200)
    }
}
