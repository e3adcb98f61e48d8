import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import SignetSQLite
import SignetSessions
import SignetTokens

/// The only place that knows an error's status: OAuth paths get RFC 6749's JSON, the rest RFC 9457's, protected resources a challenge besides.
struct ErrorAnswer<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response = try await answer(request, context, next)
        // Errors too: a body that HEAD does not have would be read as the next answer on the connection.
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Whether a path is `…/oauth/something`, wherever the issuer's own path puts it.
    private static func isOAuth(_ path: String) -> Bool {
        path.split(separator: "/").dropLast().last == "oauth"
    }

    private func answer(
        _ request: Request, _ context: Context, _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let answer = ErrorBody(isOAuth: Self.isOAuth(request.uri.path))
        do {
            return try await next(request, context)
        } catch let refusal as any Refusal {
            context.logger.info("Refused", metadata: ["code": "\(refusal.code.rawValue)", "reason": "\(refusal.reason)"])
            return answer.refusal(refusal)
        } catch let error as MethodNotAllowed {
            return answer.plain(.methodNotAllowed, "This path does not have this method.", headers: [.allow: error.allowed])
        } catch is NIOTooManyBytesError {
            return answer.plain(.contentTooLarge, "The body is too large.")
        } catch is HeaderTooLarge {
            return answer.plain(.requestHeaderFieldsTooLarge, "The request's header is too large.")
        } catch let error as HTTPParserError {
            throw error  // the connection is beyond repair: Hummingbird answers 400 and closes it
        } catch let error as any HTTPResponseError
            where error.status == .notFound && !Self.knownMethods.contains(request.method.rawValue)
        {
            return answer.plain(.notImplemented, "There is no such method here.")
        } catch let error as any HTTPResponseError {
            return answer.plain(error.status, Self.sentence(for: error.status))
        } catch {
            // The kind of error only: its text could hold anything.
            let isBusy = error is HashingOverloaded || error is WriterOverloaded || error is DeadlinePassed
            context.logger.log(level: isBusy ? .warning : .error, "Failed", metadata: ["error.type": "\(type(of: error))"])
            return answer.unavailable(retryAfter: 1)
        }
    }

    /// What is not among these is answered 501 (RFC 9110, section 9.1).
    static var knownMethods: [String] { ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] }

    private static func sentence(for status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "There is nothing at this path."
        case .contentTooLarge: "The body is too large."
        default: "The request cannot be answered."
        }
    }
}

/// Builds the bodies of errors.
struct ErrorBody: Sendable {
    let isOAuth: Bool

    /// The registered type of problems that a throttle makes.
    private static let quotaExceeded: JSONValue = "https://iana.org/assignments/http-problem-types#quota-exceeded"

    func refusal(_ refusal: any Refusal) -> Response {
        var headers: HTTPFields = [:]
        let status = status(of: refusal)
        if let challenge = challenge(for: refusal) { headers[.wwwAuthenticate] = challenge }
        if let seconds = refusal.retryAfter { headers[.retryAfter] = "\(seconds)" }
        return body(status, refusal.code.rawValue, refusal.sentence, reason: refusal.tellsReason ? refusal.reason : nil, headers)
    }

    func plain(_ status: HTTPResponse.Status, _ sentence: String, headers: HTTPFields = [:]) -> Response {
        body(status, RefusalCode.invalidRequest.rawValue, sentence, reason: nil, headers)
    }

    func unavailable(retryAfter seconds: Int) -> Response {
        body(
            .serviceUnavailable, RefusalCode.temporarilyUnavailable.rawValue, "Signet cannot answer right now; try again soon.",
            reason: nil,
            [.retryAfter: "\(seconds)"]
        )
    }

    private func status(of refusal: any Refusal) -> HTTPResponse.Status {
        switch refusal.code {
        case .invalidRequest, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .unsupportedTokenType, .invalidScope,
            .invalidTarget:
            .badRequest
        case .invalidClient, .invalidToken, .wrongCredentials: .unauthorized
        case .insufficientScope: .forbidden
        case .notFound: .notFound
        case .conflict, .tooManySessions: .conflict
        case .tooManyRequests: .tooManyRequests
        case .temporarilyUnavailable: .serviceUnavailable
        }
    }

    /// RFC 6750, section 3: without credentials the bare scheme, with bad ones the code besides. Every 401 has a challenge (RFC 9110,
    /// section 15.5.2): of OAuth's own doors the scheme by which clients authenticate (RFC 6749, section 5.2).
    private func challenge(for refusal: any Refusal) -> String? {
        let bare = "Bearer realm=\"signet\""
        switch refusal {
        case is ClientAuthenticationFailed, SignInRefusal.clientAuthentication: return "Basic realm=\"signet\""
        case CallerRefusal.noToken: return bare
        case CallerRefusal.insufficientScope(let scope):
            return bare + ", error=\"insufficient_scope\", error_description=\"\(refusal.sentence)\", scope=\"\(scope)\""
        case is CallerRefusal: return bare + ", error=\"\(refusal.code.rawValue)\", error_description=\"\(refusal.sentence)\""
        default: return status(of: refusal) != .unauthorized ? nil : isOAuth ? "Basic realm=\"signet\"" : bare
        }
    }

    private func body(
        _ status: HTTPResponse.Status, _ code: String, _ sentence: String, reason: String?, _ headers: HTTPFields
    ) -> Response {
        var body = JSONObject()
        if isOAuth {
            body["error"] = .string(code)
            body["error_description"] = .string(sentence)
        } else {
            body["type"] = status == .tooManyRequests ? Self.quotaExceeded : "about:blank"
            body["title"] = .string(status.reasonPhrase)
            body["status"] = .integer(Int64(status.code))
            body["detail"] = .string(sentence)
            body["code"] = .string(code)
        }
        if !isOAuth, status == .tooManyRequests {
            body["violated-policies"] = .array([reason].compactMap { $0.map(JSONValue.string) })
        }
        body["reason"] = reason.map(JSONValue.string)
        var headers = headers
        if isOAuth { headers[.pragma] = "no-cache" }
        return Response(
            status, json: .object(body), type: isOAuth ? "application/json" : "application/problem+json", headers: headers)
    }
}
