extension Migrations {
    /// What the clean-up looks for in the revocation log is found at once, however long the log is. Sessions have no such index, for
    /// every renewal would have to update it.
    static let cleanUp = """
        CREATE INDEX revocations_by_forget_at ON revocations (forget_at) WHERE forget_at IS NOT NULL;
        """
}
