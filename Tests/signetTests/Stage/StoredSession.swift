import Foundation
import SignetTokens
import Testing

/// A client whose session is one JSON file, which a test looks into.
protocol StoredSession {
    /// The file that keeps the session.
    var store: String { get }
}

extension StoredSession {
    /// What the store holds.
    var stored: JSONObject {
        get throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: store))
            return try #require(JSONValue(parsing: data).object)
        }
    }

    /// How often the stored session was rotated.
    var generation: UInt32 {
        get throws {
            let text = try #require(try stored["refresh_token"]?.string)
            return try #require(RefreshToken(parsing: Secret(text))).generation
        }
    }

    /// Puts another session in its place, into the same file.
    func put(_ session: JSONObject) throws {
        let file = try #require(FileHandle(forWritingAtPath: store))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(JSONValue.object(session).bytes))
        try file.close()
    }
}

/// A session that our Swift library keeps, in a `FileTokenStore`.
protocol LibrarySession: StoredSession {}

extension LibrarySession {
    /// Makes the device believe that an hour has passed since the access token came, so that the next call renews it.
    func expireAccessToken() throws {
        var session = try stored
        let receivedAt = try #require(session["received_at_ms"]?.integer)
        session["received_at_ms"] = .integer(receivedAt - 3_600_000)
        try put(session)
    }

    /// Makes the device believe that its session belongs to the server at that address.
    func move(to url: String) throws {
        var session = try stored
        session["server"] = .string(url)
        try put(session)
    }
}
