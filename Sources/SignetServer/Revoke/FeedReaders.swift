import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// Who may read the revocation feed: registered resource servers, and bearers of the scope `revocations:read`, unless it is public.
struct FeedReaders: Sendable {
    let isPublic: Bool
    let authenticate: AuthenticateClient
    let bearer: AuthenticateBearer
    let facts: RequestFacts

    /// Who asks for the feed.
    /// - Throws: ``CallerRefusal``, ``ClientAuthenticationFailed``, ``ClientAuthenticationThrottled``, or a fault.
    func reader(of request: Request, _ context: some RequestContext) async throws -> FeedReader {
        let credential = try isPublic ? .none : FeedReader.Credential(of: request)
        switch credential {
        case .none: return FeedReader(credential: credential, subjects: [])
        case .secret(let offered):
            let client = try await authenticate(offered, from: facts.origin(of: request, context))
            guard client.isResourceServer else { throw ClientAuthenticationFailed(isFromHeader: true) }
            return FeedReader(credential: credential, subjects: [.client(client.id.description)])
        case .token(let text):
            return FeedReader(credential: credential, subjects: try await bearer(text, scope: Self.scope).subjects)
        }
    }

    /// Whether a reader may go on: a stream outlives a removed client, a dropped secret and an expired token, and must not.
    /// - Throws: a fault.
    func stillAdmit(_ reader: FeedReader) async throws -> Bool {
        switch reader.credential {
        case .none: return true
        case .secret(let offered): return try await authenticate.again(offered)?.isResourceServer ?? false
        case .token(let text):
            do {
                _ = try await bearer(text, scope: Self.scope)
                return true
            } catch is any Refusal {
                return false
            }
        }
    }

    /// What a bearer needs to read the feed.
    private static let scope: Scope = "revocations:read"
}

/// A reader of the feed: what it showed at the door, to be looked at again while it reads.
struct FeedReader: Sendable {
    /// How it says who it is.
    enum Credential: Sendable {
        /// Nobody needs one.
        case none
        case secret(OfferedCredentials)
        case token(Secret<String>)
    }

    let credential: Credential
    /// Whose revocation ends the credential.
    let subjects: Set<RevokedSubject>
}

extension FeedReader.Credential {
    /// What a request shows.
    /// - Throws: ``CallerRefusal``, ``ClientAuthenticationFailed``.
    fileprivate init(of request: Request) throws {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("basic ") else {
            self = .token(try BearerToken.read(from: request))
            return
        }
        guard let (id, secret) = ClientCredentials.basic(header) else { throw ClientAuthenticationFailed(isFromHeader: true) }
        self = .secret(OfferedCredentials(clientID: id, secret: secret, isFromHeader: true))
    }
}
