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

/// A small file that only its owner may read, replaced as a whole and durably.
struct DurableFile: Sendable {
    let path: String

    private static let maximumSize = 64 * 1024

    /// The file's bytes; `nil` when there certainly is no file.
    func read() throws(FileError) -> [UInt8]? {
        // A link is not followed, for replacing the file would only replace the link. Nobody waits for the other end of a pipe.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw .last }
            try PrivateFolder(folder).requireNotAway()
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
        // What could not be read again would be nobody's session any more.
        guard bytes.count <= Self.maximumSize else { throw FileError(code: EFBIG) }
        let draft = try DraftFile(draftPath)
        draft.excludeFromBackups()
        try put(bytes, from: draft)
    }

    /// Removes the file, durably, and with it the draft that a crash may have left.
    func remove() throws(FileError) {
        if hasDraft { unlink(try DraftFile(draftPath).path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .last }
        try PrivateFolder(folder).synchronize()
    }

    /// The file's bytes; when there is no file these become them, unless somebody else is faster.
    func read(orCreateWith bytes: [UInt8]) throws(FileError) -> [UInt8] {
        if let there = try read() { return there }
        let draft = try DraftFile(draftPath)
        if let there = try read() {
            unlink(draft.path)
            return there
        }
        try put(bytes, from: draft)
        return bytes
    }

    /// Makes the folders above the file that are missing.
    func createFolder() throws(FileError) {
        try PrivateFolder(folder).create()
    }

    /// Whether a writer is at work, or was killed at it: then a session is in the draft.
    var hasDraft: Bool { access(draftPath, F_OK) == 0 }

    private var folder: String { PrivateFolder.parent(of: path) }
    private var draftPath: String { path + ".new" }

    /// Puts a draft with these bytes in the file's place.
    private func put(_ bytes: [UInt8], from draft: borrowing DraftFile) throws(FileError) {
        allowAfterFirstUnlock(draft.path)
        do throws(FileError) {
            try write(bytes, to: draft.descriptor)
            try makeDurable(draft.descriptor)
            guard rename(draft.path, path) == 0 else { throw .last }
        } catch {
            unlink(draft.path)
            throw error
        }
        try PrivateFolder(folder).synchronize()
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
}

/// Makes what was written to an open file, or to an open folder, survive a loss of power.
func makeDurable(_ descriptor: Int32) throws(FileError) {
    #if canImport(Darwin)
        // There, fsync alone leaves the bytes in the drive's own memory.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
    #endif
    guard fsync(descriptor) == 0 else { throw .last }
}
