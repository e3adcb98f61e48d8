public import HTTPTypes
public import Hummingbird
import Logging

/// A handler asked for the caller on a route with no ``BearerAuthentication`` before it.
///
/// The mistake is the program's, so the answer is 500: a 401 would make honest clients renew a good token.
public struct NotAuthenticated: HTTPResponseError {
    /// 500.
    public var status: HTTPResponse.Status { .internalServerError }

    /// A problem that tells nothing; the log tells the rest.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.error("A route asks for the access token, and no BearerAuthentication stands before it")
        return Problem(status).response
    }
}
