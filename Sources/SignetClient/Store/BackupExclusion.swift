#if canImport(Darwin)
    import Foundation
#endif

extension DraftFile {
    /// Keeps the file out of backups, also under its later name: a phone that is set up from one would come with a spent refresh
    /// token, and presenting that ends the session of the phone that has gone on. Linux knows no such mark.
    func excludeFromBackups() {
        #if canImport(Darwin)
            // This was neither compiled nor run on an Apple platform yet.
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            var url = URL(filePath: path)
            // A file system without the mark is no reason to lose a session.
            try? url.setResourceValues(values)
        #endif
    }
}
