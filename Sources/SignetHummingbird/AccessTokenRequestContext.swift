public import Hummingbird
public import SignetTokens

/// A request context that can hold the caller: give your own context the one property, or use ``BasicAccessTokenRequestContext``.
public protocol AccessTokenRequestContext: RequestContext {
    /// Who calls; ``BearerAuthentication`` sets it, and it is `nil` in front of it.
    var caller: Caller? { get set }
}

extension AccessTokenRequestContext {
    /// The caller's access token, verified.
    /// - Throws: ``NotAuthenticated`` when no ``BearerAuthentication`` stands before the route, which is a mistake in the program.
    public var accessToken: AccessToken {
        get throws(NotAuthenticated) {
            guard let caller else { throw NotAuthenticated() }
            return caller.token
        }
    }
}

/// A context that holds the caller and nothing else.
public struct BasicAccessTokenRequestContext: AccessTokenRequestContext {
    /// What Hummingbird itself keeps.
    public var coreContext: CoreRequestContextStorage
    /// Who calls.
    public var caller: Caller?

    /// The context of a request whose caller is not known yet.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
