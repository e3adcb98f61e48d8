import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// `GET /health/live` and `/health/ready`: whether the process runs, and whether it can serve.
struct HealthEndpoints: Sendable {
    let store: any SessionStore

    func live() -> Response {
        Response(.ok, json: ["status": "live"])
    }

    func ready() async -> Response {
        do {
            try await store.checkHealth()
            return Response(.ok, json: ["status": "ready"])
        } catch {
            return Response(.serviceUnavailable, json: ["status": "unavailable"], headers: [.retryAfter: "1"])
        }
    }
}
