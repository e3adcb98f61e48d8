/// Several sessions in the files of one folder, each as ``FileTokenStore`` keeps it.
public struct FileTokenStores: TokenStores {
    /// Where the files are.
    public let folder: String

    private static let ending = ".tokens"

    /// The sessions in `folder`, which is made when it is needed.
    public init(_ folder: String) {
        self.folder = folder
    }

    /// The store under a name, which may hold any characters; its file's name is made from it, and at most 240 bytes long.
    public func store(_ name: String) -> FileTokenStore {
        FileTokenStore(path(name))
    }

    /// The names of the files, in order; none when there certainly is no folder.
    /// - Throws: ``TokenStoreError``: `unreadable`.
    public func names() throws(TokenStoreError) -> [String] {
        do {
            return try PrivateFolder(folder).names().compactMap { file in
                guard file.hasSuffix(Self.ending) else { return nil }
                return FileName.decoded(String(file.dropLast(Self.ending.count)))
            }.sorted()
        } catch {
            throw TokenStoreError(.unreadable, at: folder, detail: "\(error)")
        }
    }

    /// Removes the file under a name, whatever it holds.
    /// - Throws: ``TokenStoreError``: `unwritable`; `unreadable` when the folder cannot be listed.
    public func remove(_ name: String) throws(TokenStoreError) {
        // A crash in the very first write leaves a draft alone.
        guard try names().contains(name) || DurableFile(path: path(name)).hasDraft else { return }
        do {
            try DurableFile(path: path(name)).remove()
        } catch {
            throw TokenStoreError(.unwritable, at: path(name), detail: "\(error)")
        }
    }

    private func path(_ name: String) -> String {
        folder + "/" + FileName(encoding: name).text + Self.ending
    }
}
