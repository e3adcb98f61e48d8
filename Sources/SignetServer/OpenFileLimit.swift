import Foundation

/// How many files and connections this process may have open at one time.
enum OpenFileLimit {
    /// As many as a server is ever asked for.
    private static let enough: rlim_t = 65_536

    /// Raises the limit as far as the system lets it, where that is not enough already.
    ///
    /// Each connection is a file, and systems begin with 1,024 of them for old programs' sake, which a thousand readers of the revocation
    /// feed would use up.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < enough else { return }
        limit.rlim_cur = min(limit.rlim_max, enough)
        // Where it fails the server serves as many as it may.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
