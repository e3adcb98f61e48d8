import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import SignetHummingbird
import SignetTestKit
import SignetTokens
import SignetVerifier

/// A small API behind the middleware: `/me` says who calls, `/write` needs `notes:write`.
struct Guarded: Sendable {
    let issuer: TestIssuer
    let clock: ManualClock
    let verifier: AccessTokenVerifier

    init(issuer: TestIssuer = TestIssuer(), clock: ManualClock = ManualClock()) {
        self.issuer = issuer
        self.clock = clock
        verifier = AccessTokenVerifier(
            issuer: issuer.name, audience: "https://api.example.com", keySet: issuer.keySet, clock: clock)
    }

    var router: Router<BasicAccessTokenRequestContext> {
        let router = Router(context: BasicAccessTokenRequestContext.self)
        router.get("open") { _, context in try context.accessToken.subject }
        router.group("unguarded").add(middleware: RequireScope("notes:write")).get { _, _ in "never" }
        router.add(middleware: BearerAuthentication(verifier))
        router.get("me") { _, context in try context.accessToken.subject }
        router.group("write").add(middleware: RequireScope("notes:write")).post { _, _ in "written" }
        router.group("both").add(middleware: RequireScope("notes:write notes:read")).get { _, _ in "both" }
        router.group("mistake").add(middleware: RequireScope("notes:\"write")).get { _, _ in "never" }
        router.group("empty").add(middleware: RequireScope("")).get { _, _ in "never" }
        return router
    }

    /// One request, with these `Authorization` fields.
    func answer(_ authorization: [String], _ path: String = "/me", _ method: HTTPRequest.Method = .get) async throws -> Answer {
        var headers = HTTPFields()
        for value in authorization { headers.append(HTTPField(name: .authorization, value: value)) }
        let fields = headers
        return try await Application(router: router, logger: .test).test(.router) { client in
            Answer(try await client.execute(uri: path, method: method, headers: fields))
        }
    }
}

/// What of an answer the tests look at.
struct Answer: Hashable, Sendable {
    let status: Int
    let challenge: String?
    let contentType: String?
    let cacheControl: String?
    let retryAfter: String?
    let text: String

    init(_ response: TestResponse) {
        status = response.status.code
        challenge = response.headers[.wwwAuthenticate]
        contentType = response.headers[.contentType]
        cacheControl = response.headers[.cacheControl]
        retryAfter = response.headers[.retryAfter]
        text = String(buffer: response.body)
    }
}
