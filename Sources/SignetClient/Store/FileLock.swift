#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An advisory lock on a file (flock), which the system gives back when its holder dies.
///
/// It may be held for as long as a renewal takes, half a minute at most. An app or an extension of iOS that is suspended meanwhile, with
/// the file in a container that they share, is ended by the system (0xdead10cc). For the session that is a crash like any other: the
/// next launch asks again with the same idempotency key, and nobody waits for a frozen holder. ``UnsuspendedActivity`` makes it rare. The
/// lock is not given up when the time is over: who thaws between reading and writing would put an old token over newer ones.
///
/// The file is never removed: whoever waits on a removed file and whoever makes it anew would both believe that they hold the lock.
enum FileLock {
    /// Takes the lock if it is free; `nil` when another open file has it, in this process or another.
    static func take(_ path: String) throws(FileError) -> TokenStoreLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last }
        // The mode given to open is narrowed by the umask. A file of another owner keeps what it has.
        fchmod(descriptor, 0o600)
        allowAfterFirstUnlock(path)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = FileError.last
            if error.code == EINTR { continue }
            close(descriptor)
            guard error.code == EWOULDBLOCK else { throw error }
            return nil
        }
        let activity = UnsuspendedActivity()
        return TokenStoreLock {
            close(descriptor)
            activity.end()
        }
    }
}
