package import SignetTokens

/// What a server that runs says of itself now and then: which keys it holds.
package struct ServerReport: Hashable, Sendable {
    /// How old a report may be for its server to count as running: three times the pause between two.
    package static let patience: Duration = .seconds(30)
    /// How often a server reports.
    package static let interval: Duration = .seconds(10)

    /// The process, from its start to its end.
    package let serverID: ServerID
    /// The revision of the keys that it holds.
    package let keysRevision: Int64
    /// The master key under which they are sealed.
    package let masterKeyID: String
    /// When it said so, by the store's clock.
    package let seenAt: UnixTime

    package init(serverID: ServerID, keysRevision: Int64, masterKeyID: String, seenAt: UnixTime) {
        self.serverID = serverID
        self.keysRevision = keysRevision
        self.masterKeyID = masterKeyID
        self.seenAt = seenAt
    }
}

/// What a ``ServerID`` names.
package enum ServerKind {}

/// A server process.
package typealias ServerID = Identifier<ServerKind>
