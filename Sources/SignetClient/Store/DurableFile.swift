#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// Under names of their own, because inside a type with methods `read` and `write` those would be meant.
private let readBytes: @Sendable (Int32, UnsafeMutableRawPointer?, Int) -> Int = { read($0, $1, $2) }
private let writeBytes: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }

/// What the system said to a call on a file.
struct FileError: Error, CustomStringConvertible {
    let code: Int32

    /// The system's words.
    var description: String { String(cString: strerror(code)) }

    /// The error of the call that has just failed.
    static var last: FileError { FileError(code: errno) }
}

/// A small file that only its owner may read, replaced as a whole and durably.
struct DurableFile: Sendable {
    let path: String

    private static let maximumSize = 64 * 1024

    /// The file's bytes; `nil` when there is no file.
    func read() throws(FileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .last }
            return nil
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while bytes.count <= Self.maximumSize {
            let count = readBytes(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
        throw FileError(code: EFBIG)
    }

    /// Puts these bytes in the file's place: whoever reads, at whatever moment and after whatever crash, finds the old file or the new one.
    func replace(with bytes: [UInt8]) throws(FileError) {
        let draft = try DraftFile(path + ".new")
        do throws(FileError) {
            try write(bytes, to: draft.descriptor)
            draft.excludeFromBackups()
            try synchronize(draft.descriptor)
            guard rename(draft.path, path) == 0 else { throw .last }
        } catch {
            unlink(draft.path)
            throw error
        }
        try synchronizeFolder()
    }

    /// Removes the file, durably.
    func remove() throws(FileError) {
        guard unlink(path) == 0 else {
            guard errno == ENOENT else { throw .last }
            return
        }
        try synchronizeFolder()
    }

    /// Makes the folders above the file that are missing, for their owner alone; those that exist are left as they are.
    func createFolder() throws(FileError) {
        try Self.create(folder)
    }

    /// The folder that holds the file.
    var folder: String { Self.parent(of: path) }

    private static func create(_ folder: String) throws(FileError) {
        if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, parent(of: folder) != folder else { throw .last }
        try create(parent(of: folder))
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .last }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last }
            rest = rest.dropFirst(count)
        }
    }

    private func synchronizeFolder() throws(FileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        try synchronize(descriptor)
    }

    private func synchronize(_ descriptor: Int32) throws(FileError) {
        #if canImport(Darwin)
            // There, fsync alone leaves the bytes in the drive's own memory.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw .last }
    }
}
