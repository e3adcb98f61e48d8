import Foundation

/// The file that a download is written to.
enum DownloadedFile {
    /// Writes the body into a new file in the temporary folder; when that fails, nothing is left.
    /// - Throws: ``SignetClientError/network(_:)``, `CancellationError`, and what writing throws.
    ///
    /// Disks block, and the caller may be the one who draws the screen.
    @concurrent
    static func write(_ body: ResponseBody) async throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "signet-download-\(UUID().uuidString)")
        try Data().write(to: url, options: .withoutOverwriting)
        do {
            // What an API tells one person is nobody else's business.
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path(percentEncoded: false))
            let file = try FileHandle(forWritingTo: url)
            defer { try? file.close() }
            var pieces = body.makeAsyncIterator()
            while let piece = try await pieces.nextOrNetworkError() { try file.write(contentsOf: piece) }
            return url
        } catch {
            try? FileManager.default.removeItem(at: url)
            throw error
        }
    }
}
