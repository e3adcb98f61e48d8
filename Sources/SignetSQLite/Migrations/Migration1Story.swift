extension Migrations {
    /// Moments are milliseconds since 1970, ids and hashes octets; a session is one row for ever, whose key begins with the user's id.
    static let story = """
        CREATE TABLE server (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            issuer TEXT NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            founded_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE signing_keys (
            key_id TEXT PRIMARY KEY,
            algorithm TEXT NOT NULL,
            public_key BLOB NOT NULL,
            sealed BLOB NOT NULL,
            master_key_id TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX one_active_signing_key ON signing_keys (algorithm) WHERE state = 'active';

        CREATE TABLE refresh_keys (
            version INTEGER PRIMARY KEY CHECK (version BETWEEN 1 AND 255),
            sealed BLOB NOT NULL,
            master_key_id TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX one_active_refresh_key ON refresh_keys (state) WHERE state = 'active';

        CREATE TABLE users (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            email TEXT,
            password_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            disabled_at INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE roles (
            role TEXT PRIMARY KEY,
            scope TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE user_roles (
            user_id BLOB NOT NULL REFERENCES users,
            role TEXT NOT NULL REFERENCES roles,
            PRIMARY KEY (user_id, role)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE clients (
            client_id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            is_first_party INTEGER NOT NULL,
            grants TEXT NOT NULL,
            scope TEXT NOT NULL,
            default_scope TEXT NOT NULL,
            resources TEXT NOT NULL,
            redirect_uris TEXT NOT NULL,
            rotates INTEGER NOT NULL,
            window INTEGER,
            access_lifetime INTEGER,
            idle_lifetime INTEGER,
            absolute_lifetime INTEGER,
            created_at INTEGER NOT NULL,
            removed_at INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE sessions (
            user_id BLOB NOT NULL REFERENCES users,
            session_id BLOB NOT NULL CHECK (length(session_id) = 16),
            client_id TEXT NOT NULL REFERENCES clients,
            device_name TEXT,
            scope TEXT NOT NULL,
            resources TEXT NOT NULL,
            amr TEXT NOT NULL,
            auth_time INTEGER NOT NULL,
            address TEXT,
            user_agent TEXT,
            created_at INTEGER NOT NULL,
            last_renewed_at INTEGER NOT NULL,
            current_hash BLOB NOT NULL CHECK (length(current_hash) = 32),
            previous_hash BLOB CHECK (length(previous_hash) = 32),
            generation INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
            key_version INTEGER NOT NULL,
            rotated_at INTEGER NOT NULL,
            rotation_key BLOB CHECK (length(rotation_key) = 32),
            rotation_nonce BLOB CHECK (length(rotation_nonce) = 16),
            recovered_in BLOB CHECK (length(recovered_in) = 16),
            ended_at INTEGER,
            ending TEXT,
            PRIMARY KEY (user_id, session_id),
            CHECK ((ended_at IS NULL) = (ending IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sessions_by_id ON sessions (session_id);

        CREATE TABLE audit (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            actor TEXT NOT NULL,
            user_id BLOB,
            session_id BLOB,
            client_id TEXT,
            reason TEXT,
            detail TEXT,
            address TEXT,
            user_agent TEXT,
            request_id TEXT
        ) STRICT;
        """
}
