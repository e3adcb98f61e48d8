public import SignetTokens

extension StoredSession {
    /// The session as JSON: what every store writes, whatever it writes it into.
    public var json: Secret<[UInt8]> {
        var object = JSONObject()
        // A program that knows nothing of keys must not take a bound session for one that is not.
        object["version"] = proofKey == nil ? 1 : 2
        object["server"] = .string(server)
        object["client_id"] = .string(clientID.description)
        object["user_id"] = .string(userID.description)
        object["session_id"] = .string(sessionID.description)
        object["device_name"] = deviceName.map(JSONValue.string)
        object["access_token"] = accessToken.reveal { .string($0) }
        object["scope"] = .string(scope.description)
        object["received_at_ms"] = .integer(receivedAt.milliseconds)
        object["lifetime_ms"] = .integer(lifetime.wholeMilliseconds)
        object["clock_offset_ms"] = .integer(clockOffset.wholeMilliseconds)
        object["refresh_token"] = refreshToken.reveal { .string($0) }
        object["idempotency_key"] = idempotencyKey?.text.reveal { .string($0) }
        object["proof_key"] = proofKey?.reveal { .string(Base64URL.string($0)) }
        return Secret(JSONValue.object(object).bytes + [UInt8(ascii: "\n")])
    }

    /// Reads what ``json`` gave; `nil` for anything else, for half a file must not pass for a session.
    public init?(json: Secret<[UInt8]>) {
        let object = json.reveal { bytes in (try? JSONValue(parsing: bytes))?.object }
        guard let object, let version = object["version"]?.integer, version == 1 || version == 2,
            let server = object["server"]?.string,
            let clientID = object["client_id"]?.string.flatMap(ClientID.init),
            let userID = object["user_id"]?.string.flatMap({ UserID($0) }),
            let sessionID = object["session_id"]?.string.flatMap({ SessionID($0) }),
            let accessToken = object["access_token"]?.string, !accessToken.isEmpty,
            let scope = object["scope"]?.string.flatMap({ Scope($0) }),
            let receivedAt = object["received_at_ms"]?.integer,
            let lifetime = object["lifetime_ms"]?.integer,
            let clockOffset = object["clock_offset_ms"]?.integer,
            let refreshToken = object["refresh_token"]?.string, !refreshToken.isEmpty
        else {
            return nil
        }
        var key: IdempotencyKey?
        if let member = object["idempotency_key"] {
            // A key that is there and cannot be read must not be replaced by another one: the renewal may already have happened.
            guard let text = member.string, let read = IdempotencyKey(Secret(text)) else { return nil }
            key = read
        }
        var proofKey: Secret<[UInt8]>?
        if let member = object["proof_key"] {
            guard let bytes = member.string.flatMap({ Base64URL.decode($0.utf8) }), !bytes.isEmpty else { return nil }
            proofKey = Secret(bytes)
        }
        guard (version == 2) == (proofKey != nil) else { return nil }
        self.init(
            server: server, clientID: clientID, userID: userID, sessionID: sessionID,
            deviceName: object["device_name"]?.string, accessToken: Secret(accessToken), scope: scope,
            receivedAt: UnixTime(milliseconds: receivedAt), lifetime: .milliseconds(lifetime),
            clockOffset: .milliseconds(clockOffset), refreshToken: Secret(refreshToken), idempotencyKey: key,
            proofKey: proofKey)
    }
}
