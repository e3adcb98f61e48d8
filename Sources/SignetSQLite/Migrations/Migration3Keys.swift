extension Migrations {
    /// What a key does follows from moments in its row, so that every process turns to the next one by itself; and servers say that they
    /// run and which keys they hold.
    static let keys = """
        ALTER TABLE server ADD COLUMN keys_revision INTEGER NOT NULL DEFAULT 1;

        DROP INDEX one_active_signing_key;
        ALTER TABLE signing_keys ADD COLUMN activates_at INTEGER;
        ALTER TABLE signing_keys ADD COLUMN revoked_at INTEGER;
        UPDATE signing_keys SET activates_at = created_at WHERE state = 'active';
        ALTER TABLE signing_keys DROP COLUMN state;

        DROP INDEX one_active_refresh_key;
        ALTER TABLE refresh_keys ADD COLUMN activates_at INTEGER;
        ALTER TABLE refresh_keys ADD COLUMN revoked_at INTEGER;
        UPDATE refresh_keys SET activates_at = created_at WHERE state = 'active';
        ALTER TABLE refresh_keys DROP COLUMN state;

        CREATE TABLE running_servers (
            server_id BLOB PRIMARY KEY CHECK (length(server_id) = 16),
            master_key_id TEXT NOT NULL,
            key_cache_time INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
