import Foundation
package import SignetTokens

/// `signet.key`: the master keys by id; mode 0600, made at the first start. There are two of them only while one takes the other's place.
package struct MasterKeyFile: Sendable {
    /// Where it is.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The keys in it.
    /// - Throws: ``MasterKeyFileProblem``.
    package func read() throws(MasterKeyFileProblem) -> [MasterKey] {
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(path) }
        guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path) }
        let entries = (try? JSONValue(parsing: data))?.object?["keys"]?.array ?? []
        let keys = entries.compactMap { entry -> MasterKey? in
            guard let id = entry.object?["id"]?.string,
                let key = entry.object?["key"]?.string.flatMap({ Base64URL.decode($0.utf8) }),
                key.count == 32
            else { return nil }
            return MasterKey(id: id, material: Secret(key))
        }
        guard !keys.isEmpty, keys.count == entries.count else { throw .damaged(path) }
        return keys
    }

    /// Makes a file with one new key, synced; when another process was faster, its file stands.
    /// - Throws: ``MasterKeyFileProblem``.
    package func createIfMissing(_ randomBytes: RandomBytes) throws(MasterKeyFileProblem) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        // Linked and not renamed, for nobody's file may be replaced.
        try write([.random(randomBytes)], to: path, ownedLike: nil, randomBytes) { draft, path in
            link(draft, path) == 0 || errno == EEXIST
        }
    }

    /// Puts these keys in the place of those in the file, synced; mode and owner stay, for the server must be able to read it.
    /// - Throws: ``MasterKeyFileProblem``.
    package func replace(with keys: [MasterKey], _ randomBytes: RandomBytes) throws(MasterKeyFileProblem) {
        removeDrafts()
        var old = stat()
        guard stat(target, &old) == 0 else { throw .missing(path) }
        try write(keys, to: target, ownedLike: old, randomBytes) { draft, path in rename(draft, path) == 0 }
    }

    /// The file itself: a link to it stays a link, and its target is replaced.
    private var target: String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

    /// Holds off every other process of this machine that would replace the file, until what is returned is released.
    ///
    /// - Returns: `nil` when another one is at it.
    /// - Throws: ``MasterKeyFileProblem``.
    package func lock() throws(MasterKeyFileProblem) -> MasterKeyFileLock? {
        // The folder and not the file, which is another file afterwards.
        let folder = open(URL(fileURLWithPath: target).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw .unreadable(path) }
        guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
            close(folder)
            return nil
        }
        return MasterKeyFileLock(folder)
    }

    /// A process that died while it wrote has left keys behind that must not be anywhere else.
    private func removeDrafts() {
        let file = URL(fileURLWithPath: target)
        let folder = file.deletingLastPathComponent()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        where name.hasPrefix(file.lastPathComponent + ".") && name.hasSuffix(Self.draftEnding) {
            unlink(folder.appendingPathComponent(name).path)
        }
    }

    private static let draftEnding = ".new"

    /// Writes the file whole under another name, so that nobody ever reads half of it, and then gives it its own.
    private func write(
        _ keys: [MasterKey], to target: String, ownedLike old: stat?, _ randomBytes: RandomBytes,
        _ place: (_ draft: String, _ path: String) -> Bool
    ) throws(MasterKeyFileProblem) {
        let document: JSONValue = [
            "keys": .array(
                keys.map { key in ["id": .string(key.id), "key": key.material.reveal { .string(Base64URL.string($0)) }] })
        ]
        let draft = target + ".\(Base64URL.string(randomBytes(6)))\(Self.draftEnding)"
        defer { unlink(draft) }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unwritable(path) }
        let bytes = document.bytes + [UInt8(ascii: "\n")]
        let isOwned = old.map { fchown(file, $0.st_uid, $0.st_gid) == 0 && fchmod(file, $0.st_mode & 0o777) == 0 } ?? true
        let isWritten = isOwned && Foundation.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten, place(draft, target), syncFolder(of: target) else { throw .unwritable(path) }
    }

    /// - Returns: whether the file's new name will survive a loss of power.
    private func syncFolder(of path: String) -> Bool {
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        // There are file systems that cannot, and need not.
        return fsync(folder) == 0 || errno == EINVAL
    }
}

/// The right to replace the master key file; it ends with the process too.
package struct MasterKeyFileLock: ~Copyable {
    private let folder: Int32

    fileprivate init(_ folder: Int32) {
        self.folder = folder
    }

    deinit {
        close(folder)
    }
}

/// What is wrong with the master key file.
package enum MasterKeyFileProblem: Error, Equatable, CustomStringConvertible {
    case missing(String), unreadable(String), damaged(String), unwritable(String), otherKey(String)

    /// One sentence for the operator that says what to do.
    package var description: String {
        switch self {
        case .missing(let path):
            "The master key file \(path) is missing, and the keys in the database are sealed under it; put it back, or name it with --key-file."
        case .unreadable(let path): "The master key file \(path) cannot be read; make it readable for the user that runs Signet."
        case .damaged(let path): "The master key file \(path) is damaged; put back the copy that you keep of it."
        case .unwritable(let path):
            "The master key file \(path) cannot be written; make its folder writable for the user that runs Signet."
        case .otherKey(let path):
            "The keys in the database are sealed under another master key than the one in \(path); name the right file with --key-file."
        }
    }
}
