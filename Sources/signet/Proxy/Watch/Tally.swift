/// What the proxy has counted.
struct Tally: Sendable {
    /// Requests of every kind.
    var requests = 0
    /// Sign-ins that the server granted.
    var signIns = 0
    /// Refresh tokens for which a renewal was asked.
    var renewals = 0
    /// Requests for a renewal that had been asked for before, with the same key.
    var repeatsWithKey = 0
    /// The same, both times without a key.
    var repeatsWithoutKey = 0
    /// The same, with another key.
    var repeatsWithOtherKey = 0
    /// Renewals whose answer with new tokens was lost at least once.
    var answersLost = 0
    /// Those of them whose tokens reached the client later.
    var answersRecovered = 0
    /// Faults by their word.
    var faults: [String: Int] = [:]
    /// Answers invalid_grant by their reason.
    var signOuts: [String: Int] = [:]
    /// Sessions that their client ended.
    var signOutsByClient = 0
    /// Requests for which the server could not be reached, or broke off.
    var unreachable = 0
}
