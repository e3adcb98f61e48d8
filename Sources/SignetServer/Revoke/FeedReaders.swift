import HTTPTypes
import Hummingbird
import SignetSessions
import SignetTokens

/// Who may read the revocation feed: registered resource servers, and bearers of the scope `revocations:read`, unless it is public.
struct FeedReaders: Sendable {
    let isPublic: Bool
    let authenticate: AuthenticateClient
    let bearer: AuthenticateBearer

    /// Who asks for the feed.
    /// - Throws: ``CallerRefusal``, ``ClientAuthenticationFailed``, or a fault.
    func reader(of request: Request) async throws -> FeedReader {
        let credential = try isPublic ? .none : FeedReader.Credential(of: request)
        return FeedReader(credential: credential, subjects: try await subjects(of: credential))
    }

    /// Whether a reader may go on: a stream outlives a removed client, a dropped secret and an expired token, and must not.
    /// - Throws: a fault.
    func stillAdmit(_ reader: FeedReader) async throws -> Bool {
        do {
            _ = try await subjects(of: reader.credential)
            return true
        } catch is any Refusal {
            return false
        }
    }

    /// Whose revocation ends the credential, if it is good.
    private func subjects(of credential: FeedReader.Credential) async throws -> Set<RevokedSubject> {
        switch credential {
        case .none: return []
        case .secret(let offered):
            let client = try await authenticate(offered)
            guard client.isResourceServer else { throw ClientAuthenticationFailed(isFromHeader: true) }
            return [.client(client.id.description)]
        case .token(let text): return try await bearer(text, scope: "revocations:read").subjects
        }
    }
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
