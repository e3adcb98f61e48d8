import Foundation
package import SignetTokens

/// `signet.key`: the master keys by id, the first one in use; mode 0600, made at the first start.
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
        let document: JSONValue = [
            "keys": [["id": .string(Base64URL.string(randomBytes(9))), "key": .string(Base64URL.string(randomBytes(32)))]]
        ]
        // Written whole under another name and then linked, so that nobody ever reads half a file, or replaces one.
        let draft = path + ".\(Base64URL.string(randomBytes(6))).new"
        defer { unlink(draft) }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unwritable(path) }
        let bytes = document.bytes + [UInt8(ascii: "\n")]
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten, link(draft, path) == 0 || errno == EEXIST else { throw .unwritable(path) }
        syncFolder()
    }

    private func syncFolder() {
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
