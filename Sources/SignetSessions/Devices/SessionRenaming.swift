package import SignetTokens

/// A session's device to be called something else by its owner.
package struct SessionRenaming: Sendable {
    package let sessionID: SessionID
    package let userID: UserID
    package let name: DeviceName
    package let defaults: PolicyDefaults
    package let origin: Origin

    package init(sessionID: SessionID, userID: UserID, name: DeviceName, defaults: PolicyDefaults, origin: Origin) {
        self.sessionID = sessionID
        self.userID = userID
        self.name = name
        self.defaults = defaults
        self.origin = origin
    }
}
