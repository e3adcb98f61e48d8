#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An advisory lock on a file (flock), which the system gives back when its holder dies.
///
/// The file is never removed: whoever waits on a removed file and whoever makes it anew would both believe that they hold the lock.
enum FileLock {
    /// Takes the lock if it is free; `nil` when another open file has it, in this process or another.
    static func take(_ path: String) throws(FileError) -> TokenStoreLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = FileError.last
            if error.code == EINTR { continue }
            close(descriptor)
            guard error.code == EWOULDBLOCK else { throw error }
            return nil
        }
        return TokenStoreLock { close(descriptor) }
    }
}
