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
}
