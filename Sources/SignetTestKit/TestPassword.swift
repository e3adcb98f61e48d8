/// The passwords of tests. Each holds the mark, so that `Scripts/find-secrets` finds whichever was let out.
public enum TestPassword {
    /// Stands in every password of the tests.
    public static let mark = "open-sesame"

    /// The one password that cannot hold the mark, for it has a known hash; the script looks for it too.
    public static let ofKnownHash = "correct horse battery staple"

    /// The password of a user of that name.
    public static func of(_ name: String) -> String { "\(mark)-for-\(name)" }
}
