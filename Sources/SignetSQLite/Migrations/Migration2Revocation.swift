extension Migrations {
    /// An entry's position is its place in the order of commits, for there is one writer at a time; positions are never used again.
    static let revocation = """
        CREATE TABLE revocations (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id BLOB NOT NULL DEFAULT (randomblob(16)) CHECK (length(event_id) = 16),
            kind TEXT NOT NULL CHECK (kind IN ('session', 'token', 'client', 'key')),
            subject TEXT NOT NULL,
            user_id BLOB,
            at INTEGER NOT NULL,
            initiator TEXT NOT NULL,
            reason TEXT NOT NULL,
            forget_at INTEGER
        ) STRICT;
        CREATE INDEX revocations_by_subject ON revocations (kind, subject);

        ALTER TABLE server ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
        UPDATE server SET epoch = lower(hex(randomblob(8)));

        ALTER TABLE clients ADD COLUMN is_confidential INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN is_resource_server INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE client_secrets (
            client_id TEXT NOT NULL REFERENCES clients,
            secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
            created_at INTEGER NOT NULL,
            PRIMARY KEY (client_id, secret_hash)
        ) STRICT, WITHOUT ROWID;
        """
}
