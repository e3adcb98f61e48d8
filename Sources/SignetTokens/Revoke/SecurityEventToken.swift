/// A revocation as a signed Security Event Token (RFC 8417), with the events of CAEP 1.0 where it has one.
public enum SecurityEventToken {
    private static let type = "secevent+jwt"
    private static let sessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

    /// The audience of an issuer's feed.
    public static func audience(of issuer: String) -> String {
        issuer + "/v1/revocations"
    }

    /// Writes and signs the event of a revocation.
    ///
    /// - Parameter now: the moment of signing, its `iat`; the event itself says when the revocation was.
    /// - Throws: what the cryptographic library throws.
    public static func sign(_ revocation: Revocation, issuer: String, with key: SigningKey, at now: UnixTime) throws -> String {
        var claims = JSONObject()
        claims["iss"] = .string(issuer)
        claims["aud"] = .string(audience(of: issuer))
        claims["iat"] = .integer(now.seconds)
        claims["jti"] = .string(revocation.id.description)
        claims["sub_id"] = subject(of: revocation, issuer: issuer)
        claims["events"] = .object(
            JSONObject([.init(name: eventType(of: revocation.subject, issuer: issuer), value: event(of: revocation))]))
        // Nothing secret stands in an event: whoever may read the feed may read it.
        return try CompactJWS.sign(claims, type: type, with: key).reveal { String($0) }
    }

    /// Reads an event of one issuer's feed and verifies who signed it.
    ///
    /// - Returns: `nil` for a genuine event of a kind that is not understood, which is to be ignored (RFC 8417, section 4).
    /// - Throws: ``TokenError``.
    public static func read(_ text: String, issuer: String, keys: KeySet) throws(TokenError) -> Revocation? {
        let jws = try CompactJWS(parsing: text.utf8)
        try jws.verify(with: keys)
        guard jws.isOfType(type) else { throw .wrongType }
        guard let claims = (try? JSONValue(parsing: jws.payload))?.object, let named = claims["iss"]?.string else {
            throw .malformed
        }
        guard named.hasSameBytes(as: issuer) else { throw .wrongIssuer }
        let audiences = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.strings ?? []
        guard audiences.contains(where: { $0.hasSameBytes(as: audience(of: issuer)) }) else { throw .wrongAudience }
        // An event never expires and has no subject of its own (RFC 8417, section 2.2; SSF 1.0, section 4.1).
        guard claims["exp"] == nil, claims["sub"] == nil, let id = claims["jti"]?.string.flatMap({ TokenID($0) }),
            let events = claims["events"]?.object, let event = events.members.first, events.members.count == 1,
            let about = claims["sub_id"]?.object, let body = event.value.object
        else { throw .malformed }
        guard let subject = subject(event.name, about, issuer: issuer) else { return nil }
        // CAEP leaves these out as it likes (section 2): a revocation is not lost for want of them, nor by a word that is new to us.
        guard let at = (body["event_timestamp"] ?? claims["iat"])?.integer else { throw .malformed }
        let initiator = body["initiating_entity"]?.string.flatMap(Revocation.Initiator.init) ?? .system
        var forgetAt: UnixTime?
        if let value = body["forget_at"] {
            guard let seconds = value.integer else { throw .malformed }
            forgetAt = UnixTime(seconds: seconds)
        }
        return Revocation(
            id: id, subject: subject, userID: about["user"]?.object?["sub"]?.string.flatMap { UserID($0) },
            at: UnixTime(seconds: at),
            initiator: initiator, reason: body["reason_admin"]?.object?["en"]?.string ?? "", forgetAt: forgetAt
        )
    }

    private static func eventType(of subject: RevokedSubject, issuer: String) -> String {
        switch subject {
        case .session: sessionRevoked
        case .token: issuer + "/events/token-revoked"
        case .client: issuer + "/events/client-revoked"
        case .key: issuer + "/events/key-revoked"
        }
    }

    private static func event(of revocation: Revocation) -> JSONValue {
        var event = JSONObject()
        event["event_timestamp"] = .integer(revocation.at.seconds)
        event["initiating_entity"] = .string(revocation.initiator.rawValue)
        event["reason_admin"] = ["en": .string(revocation.reason)]
        event["forget_at"] = revocation.forgetAt.map { .integer($0.seconds) }
        return .object(event)
    }

    /// The subject identifiers of RFC 9493, section 3.2.
    private static func subject(of revocation: Revocation, issuer: String) -> JSONValue {
        switch revocation.subject {
        case .session(let id):
            var about: JSONObject = JSONObject()
            about["format"] = "complex"
            about["session"] = ["format": "opaque", "id": .string(id.description)]
            about["user"] = revocation.userID.map {
                ["format": "iss_sub", "iss": .string(issuer), "sub": .string($0.description)]
            }
            return .object(about)
        case .token(let id): return ["format": "jwt_id", "iss": .string(issuer), "jti": .string(id)]
        case .client(let id), .key(let id): return ["format": "opaque", "id": .string(id)]
        }
    }

    private static func subject(_ eventType: String, _ about: JSONObject, issuer: String) -> RevokedSubject? {
        let format = about["format"]?.string
        switch eventType {
        case sessionRevoked where format == "complex":
            return about["session"]?.object?["id"]?.string.flatMap { SessionID($0) }.map(RevokedSubject.session)
        case issuer + "/events/token-revoked" where format == "jwt_id":
            // A `jti` is unique for its issuer alone (RFC 7519, section 4.1.7).
            guard let named = about["iss"]?.string, named.hasSameBytes(as: issuer) else { return nil }
            return about["jti"]?.string.map(RevokedSubject.token)
        case issuer + "/events/client-revoked" where format == "opaque": return about["id"]?.string.map(RevokedSubject.client)
        case issuer + "/events/key-revoked" where format == "opaque": return about["id"]?.string.map(RevokedSubject.key)
        default: return nil
        }
    }
}
