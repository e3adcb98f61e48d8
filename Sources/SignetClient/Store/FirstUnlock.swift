#if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
    import Foundation
#endif

/// Makes a file readable from the first unlock on, whatever the app's default for its files: renewals happen behind a locked screen too.
func allowAfterFirstUnlock(_ path: String) {
    #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
        // This was neither compiled nor run on an Apple platform yet.
        try? FileManager.default.setAttributes(
            [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication], ofItemAtPath: path)
    #endif
}
