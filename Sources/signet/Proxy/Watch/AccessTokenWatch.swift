import SignetTokens

/// What is known of the access tokens that clients send.
struct AccessTokenWatch: Sendable {
    private struct History: Sendable {
        var sessionID: SessionID?
        var expiresAt: UnixTime?
        var rejected: (number: Int, at: UnixTime)?
        var sentSince = 0
    }

    /// So many tokens are followed.
    private static let limit = 10_000
    /// How long a call may be under way, and a clock be wrong.
    private static let leeway: Duration = .seconds(2)
    /// After a 401 other tasks may have sent the token too, before they knew.
    private static let rejectedLimit = 3

    private var tokens = Remembered<AccessMark, History>(limit: limit)

    /// An answer has brought the token to its client.
    mutating func issued(_ issued: IssuedMarks, at now: UnixTime) {
        tokens[issued.accessToken] = History(
            sessionID: issued.refreshToken.sessionID, expiresAt: now.advanced(by: issued.lifetime))
    }

    /// The client was told that the token is not good.
    mutating func rejected(_ token: AccessMark, with number: Int, at now: UnixTime) {
        var history = tokens[token] ?? History()
        if history.rejected == nil { history.rejected = (number, now) }
        tokens[token] = history
    }

    /// A call comes with the token; what is wrong with that.
    mutating func sent(
        _ token: AccessMark, with number: Int, at now: UnixTime
    ) -> (mistake: SeenMistake, sessionID: SessionID?)? {
        guard var history = tokens[token] else { return nil }
        defer { tokens[token] = history }
        if let rejected = history.rejected {
            history.sentSince += 1
            guard history.sentSince >= Self.rejectedLimit else { return nil }
            let evidence =
                "#\(rejected.number) was answered with 401 and invalid_token; #\(number) is call number \(history.sentSince) after it with the same token."
            return (SeenMistake(.rejectedToken, evidence, [rejected.number, number]), history.sessionID)
        }
        guard let expiresAt = history.expiresAt, now >= expiresAt.advanced(by: Self.leeway) else { return nil }
        let evidence = "The access token of #\(number) had expired \(expiresAt.duration(to: now).inSeconds) before."
        return (SeenMistake(.expiredToken, evidence, [number]), history.sessionID)
    }
}
