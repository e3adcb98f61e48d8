public import SignetTokens

extension StoredSession {
    /// The session as JSON: what every store writes, whatever it writes it into.
    public var json: Secret<[UInt8]> {
        var object = JSONObject()
        object["version"] = 1
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
        return Secret(JSONValue.object(object).bytes + [UInt8(ascii: "\n")])
    }

    /// Reads what ``json`` gave; `nil` for anything else, for half a file must not pass for a session.
    public init?(json: Secret<[UInt8]>) {
        let object = json.reveal { bytes in (try? JSONValue(parsing: bytes))?.object }
        guard let object, object["version"]?.integer == 1,
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
        self.init(
            server: server, clientID: clientID, userID: userID, sessionID: sessionID,
            deviceName: object["device_name"]?.string, accessToken: Secret(accessToken), scope: scope,
            receivedAt: UnixTime(milliseconds: receivedAt), lifetime: .milliseconds(lifetime),
            clockOffset: .milliseconds(clockOffset), refreshToken: Secret(refreshToken), idempotencyKey: key)
    }
}
