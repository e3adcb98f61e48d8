import SignetTokens

/// By what an installation of an app knows the keychain items that it has written itself.
///
/// The keychain outlives an app that is removed; the app's folders do not. So each installation draws a mark for itself, in a file,
/// and its items bear the same mark: what bears another one was written before the app was removed.
struct Installation: Sendable {
    let folder: String

    /// How many bytes a mark has.
    static let markLength = 16

    private var file: DurableFile { DurableFile(path: folder + "/signet-installation") }

    /// This installation's mark; `nil` when it has not written anything yet.
    func mark() throws(TokenStoreError) -> [UInt8]? {
        let bytes: [UInt8]?
        do {
            bytes = try file.read()
        } catch {
            throw TokenStoreError(.unreadable, at: file.path, detail: "\(error)")
        }
        guard let bytes else { return nil }
        return try checked(bytes)
    }

    /// This installation's mark; it is drawn now when it has none.
    func mark(drawnFrom randomBytes: RandomBytes) throws(TokenStoreError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            try file.createFolder()
            bytes = try file.read(orCreateWith: randomBytes(Self.markLength))
        } catch {
            throw TokenStoreError(.unwritable, at: file.path, detail: "\(error)")
        }
        return try checked(bytes)
    }

    private func checked(_ bytes: [UInt8]) throws(TokenStoreError) -> [UInt8] {
        guard bytes.count == Self.markLength else { throw TokenStoreError(.damaged, at: file.path) }
        return bytes
    }
}
