#if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
    import Dispatch
    import Foundation

    /// Time in which the system does not suspend the process, asked for when a lock is taken and over when the lock is given back.
    ///
    /// The system may refuse it, and it ends it after a while. This was neither compiled nor run on an Apple platform yet.
    struct UnsuspendedActivity: Sendable {
        private let isOver = DispatchSemaphore(value: 0)

        init() {
            ProcessInfo.processInfo.performExpiringActivity(withReason: "Renewing the session") { [isOver] isExpired in
                // The process runs on for as long as this call does; a second call says that the time is over.
                if isExpired { isOver.signal() } else { isOver.wait() }
            }
        }

        func end() {
            isOver.signal()
        }
    }
#else
    /// Here nobody suspends a process whose lock others wait for.
    struct UnsuspendedActivity: Sendable {
        func end() {}
    }
#endif
