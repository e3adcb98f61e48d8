/// What a person calls a device: one line of 1 to 128 characters, not all of them blank and none that would turn the line around.
package struct DeviceName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it was entered.
    package let description: String

    /// Reads a name; `nil` when it is not one.
    package init?(_ text: String) {
        guard (1...128).contains(text.unicodeScalars.count), text.contains(where: { !$0.isWhitespace }),
            !text.unicodeScalars.contains(where: { $0.leavesLine || $0.properties.isBidiControl })
        else { return nil }
        description = text
    }
}

extension Unicode.Scalar {
    /// Whether it ends a line, or would steer the terminal that shows it.
    var leavesLine: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
}
