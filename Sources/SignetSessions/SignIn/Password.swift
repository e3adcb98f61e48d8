import Foundation
package import SignetTokens

/// A password as it is hashed: composed once (NFC), never cut and never folded (NIST SP 800-63B-4, section 3.1.1.2).
package struct Password: Sendable {
    /// The longest that is taken, in bytes.
    package static let maximumLength = 1024

    let text: Secret<String>

    /// A password that somebody offers at sign-in; `nil` when it is empty or longer than 1024 bytes.
    package init?(offered text: Secret<String>) {
        let composed = text.reveal { $0.precomposedStringWithCanonicalMapping }
        guard (1...Self.maximumLength).contains(composed.utf8.count) else { return nil }
        self.text = Secret(composed)
    }

    /// A password that somebody chooses.
    /// - Parameter minimumLength: in code points.
    /// - Throws: ``PasswordRefusal``.
    package init(choosing text: Secret<String>, minimumLength: Int) throws(PasswordRefusal) {
        let composed = text.reveal { $0.precomposedStringWithCanonicalMapping }
        guard composed.unicodeScalars.count >= minimumLength else { throw .tooShort(minimumLength) }
        guard composed.utf8.count <= Self.maximumLength else { throw .tooLong }
        self.text = Secret(composed)
    }
}

/// Why a password cannot be chosen.
package enum PasswordRefusal: Refusal, Equatable {
    case tooShort(Int), tooLong

    package var code: RefusalCode { .invalidRequest }

    package var sentence: String {
        switch self {
        case .tooShort(let minimum):
            "The password must have at least \(minimum) characters; a few words in a row are easy to remember."
        case .tooLong: "The password must have at most \(Password.maximumLength) bytes."
        }
    }

    package var reason: String {
        switch self {
        case .tooShort: "password_too_short"
        case .tooLong: "password_too_long"
        }
    }
}
