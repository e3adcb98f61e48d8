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
        // A link stays a link: its target is replaced.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var old = stat()
        guard stat(target, &old) == 0 else { throw .missing(path) }
        try write(keys, to: target, ownedLike: old, randomBytes) { draft, path in rename(draft, path) == 0 }
    }

    /// Writes the file whole under another name, so that nobody ever reads half of it, and then gives it its own.
    private func write(
        _ keys: [MasterKey], to target: String, ownedLike old: stat?, _ randomBytes: RandomBytes,
        _ place: (_ draft: String, _ path: String) -> Bool
    ) throws(MasterKeyFileProblem) {
        let document: JSONValue = [
            "keys": .array(
                keys.map { key in ["id": .string(key.id), "key": key.material.reveal { .string(Base64URL.string($0)) }] })
        ]
        let draft = target + ".\(Base64URL.string(randomBytes(6))).new"
        defer { unlink(draft) }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unwritable(path) }
        let bytes = document.bytes + [UInt8(ascii: "\n")]
        let isOwned = old.map { fchown(file, $0.st_uid, $0.st_gid) == 0 && fchmod(file, $0.st_mode & 0o777) == 0 } ?? true
        let isWritten = isOwned && Foundation.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten, place(draft, target) else { throw .unwritable(path) }
        syncFolder(of: target)
    }

    private func syncFolder(of path: String) {
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
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
