import Foundation

/// How many files and connections this process, and each that it starts from then on, may have open.
enum OpenFiles {
    /// Raises the limit as far as the system lets us, and says how far that is.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
