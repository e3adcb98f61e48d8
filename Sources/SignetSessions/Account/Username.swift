import Foundation

/// The name by which a person signs in: 1 to 128 characters without control characters and without spaces at its ends.
package struct Username: Sendable {
    /// The name as it was entered, in Unicode's composed form (NFC).
    package let text: String
    /// What makes it unique: names that differ in case alone are the same name.
    package let key: String

    /// Reads a name; `nil` when it is not one.
    package init?(_ text: String) {
        let text = text.precomposedStringWithCanonicalMapping
        guard (1...128).contains(text.unicodeScalars.count), text == text.trimmingCharacters(in: .whitespacesAndNewlines),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        self.text = text
        key = text.lowercased()
    }
}
