import SignetClient
import SignetTokens

extension StoredSession {
    /// A session that differs from the sample of any other number in each of its parts, also in length.
    static func sample(_ number: UInt8, idempotencyKey: IdempotencyKey? = nil) -> StoredSession {
        let bytes: RandomBytes = { count in Array(repeating: number, count: count) }
        return StoredSession(
            server: "https://id\(number).example.com", clientID: .signet, userID: .random(bytes), sessionID: .random(bytes),
            deviceName: "Ada's \"laptop\" \(number)\n", accessToken: Secret("access-\(number)-" + padding(number)),
            scope: "account", receivedAt: UnixTime(milliseconds: 1_700_000_000_123 + Int64(number)),
            lifetime: .seconds(Int(number)), clockOffset: .milliseconds(-Int(number)),
            refreshToken: Secret("refresh-\(number)-" + padding(number)), idempotencyKey: idempotencyKey,
            proofKey: Secret(bytes(16 + Int(number))))
    }

    /// Everything in it, for comparing.
    var contents: SessionContents { SessionContents(json: json.reveal { copy $0 }) }

    private static func padding(_ number: UInt8) -> String {
        String(repeating: "x", count: 200 * Int(number))
    }
}

extension IdempotencyKey {
    /// A key that differs from the sample of any other number.
    static func sample(_ number: UInt8) -> IdempotencyKey {
        .random { count in Array(repeating: number, count: count) }
    }
}

extension TokenStore {
    /// Everything in the stored session, for comparing; `nil` when there is none.
    func contents() async throws -> SessionContents? {
        try await read()?.contents
    }
}

/// Everything in a session. What a failed test prints of it is short, and holds no token.
struct SessionContents: Hashable, CustomDebugStringConvertible {
    fileprivate let json: [UInt8]

    var debugDescription: String {
        let server = StoredSession(json: Secret(json))?.server
        return "a session of \(server ?? "nobody"), \(json.count) bytes"
    }
}
