import Foundation

/// An empty folder of a test's own, removed with the last reference to it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes the folder.
    /// - Throws: what Foundation throws when it cannot be made.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "signet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String {
        path + "/" + name
    }
}
