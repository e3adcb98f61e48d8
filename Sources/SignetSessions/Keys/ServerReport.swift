package import SignetTokens

/// What a server that runs says of itself now and then: under which master key it holds the keys, and how long it lets verifiers keep them.
package struct ServerReport: Hashable, Sendable {
    /// How old a report may be for its server to count as running: three times the pause between two.
    package static let patience: Duration = .seconds(30)
    /// How often a server reports.
    package static let interval: Duration = .seconds(10)

    /// The process, from its start to its end.
    package let serverID: ServerID
    /// The master key under which the keys that it holds are sealed.
    package let masterKeyID: String
    /// How long it lets verifiers keep a key set.
    package let keyCacheTime: Duration
    /// When it said so, by the store's clock.
    package let seenAt: UnixTime

    package init(serverID: ServerID, masterKeyID: String, keyCacheTime: Duration, seenAt: UnixTime) {
        self.serverID = serverID
        self.masterKeyID = masterKeyID
        self.keyCacheTime = keyCacheTime
        self.seenAt = seenAt
    }
}

/// What a ``ServerID`` names.
package enum ServerKind {}

/// A server process.
package typealias ServerID = Identifier<ServerKind>
