import HTTPTypes
import Hummingbird

/// One path, one method, one handler.
struct Route<Context: RequestContext>: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let answer: @Sendable (Request, Context) async throws -> Response

    init(_ method: HTTPRequest.Method, _ path: String, _ answer: @escaping @Sendable (Request, Context) async throws -> Response)
    {
        self.method = method
        self.path = path
        self.answer = answer
    }
}

extension Endpoints {
    /// Every path of Signet, one line each.
    func routes<Context: RequestContext>(for _: Context.Type) -> [Route<Context>] {
        [
            // Sign in
            Route(.post, "/v1/sessions") { try await signIn.answer($0, $1) },
            // Renew
            Route(.post, "/oauth/token") { try await token.answer($0, $1) },
            // Call
            Route(.get, "/v1/account") { try await account.answer($0, $1) },
            Route(.post, "/oauth/introspect") { try await introspect.answer($0, $1) },
            Route(.get, "/v1/verify") { try await verify.answer($0, $1) },
            // Revoke
            Route(.post, "/oauth/revoke") { try await revoke.answer($0, $1) },
            Route(.get, "/v1/revocations") { try await feed.answer($0, $1) },
            Route(.delete, "/v1/sessions") { try await deleteSessions.all($0, $1) },
            Route(.delete, "/v1/sessions/{id}") { try await deleteSessions.one($0, $1) },
            // Devices
            Route(.get, "/v1/sessions") { try await sessions.list($0, $1) },
            Route(.get, "/v1/sessions/{id}") { try await sessions.show($0, $1) },
            Route(.patch, "/v1/sessions/{id}") { try await sessions.rename($0, $1) },
            // Discovery
            Route(.get, "/.well-known/jwks.json") { _, _ in await discovery.keys() },
            Route(.get, "/.well-known/oauth-authorization-server") { _, _ in discovery.metadata() },
            Route(.get, "/.well-known/openid-configuration") { _, _ in discovery.metadata() },
            // Operations
            Route(.get, "/health/live") { _, _ in health.live() },
            Route(.get, "/health/ready") { _, _ in await health.ready() },
        ]
    }

    /// Adds every route, under the issuer's own path too if it has one (RFC 8414, section 3.1, inserts the well-known part before that
    /// path), HEAD wherever GET is, and an answer 405 for each method that a path does not have: Hummingbird itself would
    /// say 404.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let atRoot = routes(for: Context.self)
        var all = atRoot
        if !issuerPath.isEmpty {
            all += atRoot.map { Route($0.method, issuerPath + $0.path, $0.answer) }
            all.append(Route(.get, "/.well-known/oauth-authorization-server" + issuerPath) { _, _ in discovery.metadata() })
        }
        for (path, routes) in Dictionary(grouping: all, by: \.path) {
            for route in routes {
                router.on(RouterPath(path), method: route.method, use: route.answer)
                guard route.method == .get else { continue }
                // Its body is taken off where errors are answered, so that theirs is too.
                router.on(RouterPath(path), method: .head, use: route.answer)
            }
            var allowed = Set(routes.map(\.method.rawValue))
            if allowed.contains("GET") { allowed.insert("HEAD") }
            let names = allowed.sorted().joined(separator: ", ")
            for method in ErrorAnswer<Context>.knownMethods where !allowed.contains(method) {
                guard let method = HTTPRequest.Method(method) else { continue }
                router.on(RouterPath(path), method: method) { _, _ -> Response in throw MethodNotAllowed(allowed: names) }
            }
        }
    }
}

/// A path that exists, but not for this method (RFC 9110, section 15.5.6).
struct MethodNotAllowed: Error {
    /// The value of the header `Allow`.
    let allowed: String
}
