#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A folder for its owner's files alone.
struct PrivateFolder: Sendable {
    let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Makes it and the folders above it that are missing, durably and for their owner alone; those that exist are left as they are.
    func create() throws(FileError) {
        if try make() { return }
        guard Self.parent(of: path) != path else { throw FileError(code: ENOENT) }
        try PrivateFolder(Self.parent(of: path)).create()
        guard try make() else { throw FileError(code: ENOENT) }
    }

    /// The names in it; none when there certainly is no such folder.
    func names() throws(FileError) -> [String] {
        guard let folder = opendir(path) else {
            guard errno == ENOENT else { throw .last }
            try requireNotAway()
            return []
        }
        defer { closedir(folder) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(folder) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
            errno = 0
        }
        guard errno == 0 else { throw .last }
        return names
    }

    /// Throws when it is missing because a link on the way to it leads nowhere, as to a volume that is not mounted: what is in it
    /// is not gone, only away.
    func requireNotAway() throws(FileError) {
        var path = path
        while access(path, F_OK) != 0 {
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK { throw FileError(code: ENOENT) }
            guard Self.parent(of: path) != path else { return }
            path = Self.parent(of: path)
        }
    }

    /// Makes it survive a loss of power which files are in it.
    func synchronize() throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        try makeDurable(descriptor)
    }

    /// The folder in which this path is.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether it is there now; `false` when the folder above it is missing.
    private func make() throws(FileError) -> Bool {
        guard mkdir(path, 0o700) == 0 else {
            switch errno {
            case EEXIST: return true
            case ENOENT: return false
            default: throw .last
            }
        }
        // The mode given to mkdir is narrowed by the umask.
        guard chmod(path, 0o700) == 0 else { throw .last }
        try PrivateFolder(Self.parent(of: path)).synchronize()
        return true
    }
}
