extension Migrations {
    /// How many sessions a user may have with a client; nothing is any number.
    static let devices = """
        ALTER TABLE clients ADD COLUMN session_limit INTEGER CHECK (session_limit > 0);
        ALTER TABLE clients ADD COLUMN session_limit_refuses INTEGER NOT NULL DEFAULT 0;
        """
}
