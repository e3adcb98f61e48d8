/// Until when a request's work is still wanted: ten seconds by default, and only while its connection is open.
///
/// It is asked immediately before each statement that decides something: a process that was frozen and thawed, or whose client has
/// hung up, decides nothing, so it cannot take a late copy of an honest renewal for a reuse.
package struct RequestDeadline: Sendable {
    private let isWanted: @Sendable () -> Bool

    /// A deadline that answers by itself.
    package init(isWanted: @escaping @Sendable () -> Bool) {
        self.isWanted = isWanted
    }

    /// For work that nobody waits for over a connection, such as the operator's commands.
    package static let none = RequestDeadline { true }

    /// Nothing, while the work is wanted.
    /// - Throws: ``DeadlinePassed``.
    package func check() throws(DeadlinePassed) {
        guard isWanted() else { throw DeadlinePassed() }
    }
}

/// The request's time was over, or its connection closed, before its statement could run; nothing was decided.
package struct DeadlinePassed: Error {}
