#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The file that is to take another's place, while it is written.
///
/// It has one fixed name, so that crashes do not leave tokens lying about under many. Writers take turns by a lock on the draft itself:
/// without it one could put another's half of a draft in the file's place.
struct DraftFile: ~Copyable {
    let path: String
    let descriptor: Int32

    /// Opens an empty draft, once nobody else writes one.
    init(_ path: String) throws(FileError) {
        self.path = path
        descriptor = try Self.open(at: path)
    }

    deinit {
        close(descriptor)
    }

    private static func open(at path: String) throws(FileError) -> Int32 {
        while true {
            guard let descriptor = try openOrRemove(path) else { continue }
            do throws(FileError) {
                while flock(descriptor, LOCK_EX) != 0 { guard errno == EINTR else { throw .last } }
                if try isDraft(descriptor, path) {
                    // The mode given to open is narrowed by the umask; an owner who cannot read would be no help either.
                    guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0 else { throw .last }
                    return descriptor
                }
            } catch {
                close(descriptor)
                throw error
            }
            close(descriptor)
        }
    }

    /// Opens the draft; `nil` when something that is no draft was in its way, and has been removed.
    private static func openOrRemove(_ path: String) throws(FileError) -> Int32? {
        let descriptor = openFile(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return descriptor }
        let error = FileError.last
        guard [EACCES, ELOOP].contains(error.code), unlink(path) == 0 else { throw error }
        return nil
    }

    /// Whether the open file still has the name; what somebody else has laid there is removed.
    private static func isDraft(_ descriptor: Int32, _ path: String) throws(FileError) -> Bool {
        var opened = stat()
        var named = stat()
        guard fstat(descriptor, &opened) == 0 else { throw .last }
        guard lstat(path, &named) == 0 else {
            guard errno == ENOENT else { throw .last }
            return false
        }
        // Whoever had the lock before may have put this very file in its place meanwhile.
        guard opened.st_dev == named.st_dev, opened.st_ino == named.st_ino else { return false }
        // Tokens are not written into a file that another user owns, or that has a second name.
        if opened.st_uid == geteuid(), opened.st_nlink == 1 { return true }
        guard unlink(path) == 0 || errno == ENOENT else { throw .last }
        return false
    }
}

// Under a name of its own, because inside a type with a method `open` that would be meant.
private let openFile: @Sendable (String, Int32, mode_t) -> Int32 = { open($0, $1, $2) }
