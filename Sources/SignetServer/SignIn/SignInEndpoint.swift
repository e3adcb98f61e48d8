import HTTPTypes
import Hummingbird
import Logging
import Metrics
import SignetSessions
import SignetTokens

/// `POST /v1/sessions`: a person signs in on a device, and a session is opened.
struct SignInEndpoint: Sendable {
    let signIn: SignIn
    let authenticate: AuthenticateClient
    let facts: RequestFacts
    let issuer: String

    func answer(_ request: Request, _ context: some RequestContext) async throws -> Response {
        let body = try await JSONBody(reading: request)
        let offered = try ClientCredentials.read(request, body)
        let origin = facts.origin(of: request, context)
        let authentication = try await authenticate.outcome(of: offered, from: origin)
        guard authentication != .failed else { throw ClientAuthenticationFailed(isFromHeader: offered.isFromHeader) }
        let pair = try await counted(
            SignInRequest(
                username: Username(try body.required("username")),
                password: Password(offered: Secret(try body.required("password"))),
                clientID: offered.clientID, isClientAuthenticated: authentication == .passed,
                deviceName: try body.optional("device_name").map { text throws(JSONBodyRefusal) in
                    guard let name = DeviceName(text) else { throw .unreadable("device_name") }
                    return name
                },
                scope: try body.optional("scope").map { text throws(SignInRefusal) in
                    guard let scope = Scope(text) else { throw .scope }
                    return scope
                },
                resource: try body.optional("resource"), refreshToken: try body.optionalSecret("refresh_token"),
                origin: origin, deadline: facts.deadline(of: context)
            )
        )
        context.logger.info("Signed in", metadata: ["user.id": "\(pair.userID)", "session.id": "\(pair.sessionID)"])
        return TokenAnswer.response(.created, pair, headers: [.location: "\(issuer)/v1/sessions/\(pair.sessionID)"])
    }

    private func counted(_ request: SignInRequest) async throws -> TokenPair {
        do {
            let pair = try await signIn(request)
            Counter(label: "signet_sign_ins_total", dimensions: [("outcome", "signed_in")]).increment()
            return pair
        } catch {
            let outcome = (error as? any Refusal)?.reason ?? "failed"
            Counter(label: "signet_sign_ins_total", dimensions: [("outcome", outcome)]).increment()
            throw error
        }
    }
}
