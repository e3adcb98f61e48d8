import HTTPTypes
import SignetTestKit
import SignetTokens
import SignetVerifier
import Synchronization

/// The issuer's server as the verifier's transport sees it: documents by URL, which a test changes, holds back or takes away.
final class FakeServer: Transport {
    /// No answer comes.
    struct Unreachable: Error {}

    struct Answer {
        var status: HTTPResponse.Status = .ok
        var headers: HTTPFields = [:]
        var body: [UInt8]
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var requests: [String] = []
        var sent: [(request: HTTPRequest, body: [UInt8])] = []
        var isReachable = true
        var isHolding = false
    }

    static let metadata = "https://id.example.com/.well-known/oauth-authorization-server"
    static let keys = "https://id.example.com/.well-known/jwks.json"

    private let state = Mutex(State())

    init(_ keySet: KeySet, headers: HTTPFields = [:]) {
        let document: JSONValue = ["issuer": "https://id.example.com", "jwks_uri": .string(Self.keys)]
        self[Self.metadata] = Answer(body: document.bytes)
        self[Self.keys] = Answer(headers: headers, body: keySet.json.bytes)
    }

    subscript(url: String) -> Answer? {
        get { state.withLock { $0.answers[url] } }
        set { state.withLock { $0.answers[url] = newValue } }
    }

    var isReachable: Bool {
        get { state.withLock(\.isReachable) }
        set { state.withLock { $0.isReachable = newValue } }
    }

    var isHolding: Bool {
        get { state.withLock(\.isHolding) }
        set { state.withLock { $0.isHolding = newValue } }
    }

    /// The URLs asked for, in order.
    var requests: [String] { state.withLock(\.requests) }

    /// What was sent, in order.
    var sent: [(request: HTTPRequest, body: [UInt8])] { state.withLock(\.sent) }

    /// How often the keys, or in vain the metadata, were asked for.
    var fetches: Int { requests.count { $0 == Self.metadata } }

    func publish(_ keySet: KeySet) {
        self[Self.keys]?.body = keySet.json.bytes
    }

    func send(_ request: HTTPRequest, body: [UInt8]) async throws -> (response: HTTPResponse, body: [UInt8]) {
        let url = "\(request.scheme ?? "")://\(request.authority ?? "")\(request.path ?? "")"
        state.withLock {
            $0.requests.append(url)
            $0.sent.append((request, body))
        }
        while isHolding {
            try Task.checkCancellation()
            await Task.yield()
        }
        guard isReachable else { throw Unreachable() }
        guard let answer = self[url] else { return (HTTPResponse(status: .notFound), []) }
        return (HTTPResponse(status: answer.status, headerFields: answer.headers), answer.body)
    }
}

extension AccessTokenVerifier {
    /// A verifier for `https://api.example.com` that asks `server`.
    static func asking(
        _ server: FakeServer, _ clock: ManualClock, leeway: Duration = .seconds(30), remembering count: Int = 100
    ) -> Self {
        Self(
            issuer: "https://id.example.com", audience: "https://api.example.com", leeway: leeway, rememberedTokens: count,
            transport: server, clock: clock, logger: .test)
    }
}
