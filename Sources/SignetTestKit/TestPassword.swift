/// The passwords of tests. Each holds the mark, so that one search of the logs finds whichever was let out.
public enum TestPassword {
    /// Stands in every password of the tests.
    public static let mark = "open-sesame"

    /// The password of a user of that name.
    public static func of(_ name: String) -> String { "\(mark)-for-\(name)" }
}
