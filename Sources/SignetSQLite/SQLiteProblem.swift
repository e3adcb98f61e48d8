import GRDB

/// Why a database file cannot be used, in one sentence for the operator that says what to do.
package enum SQLiteProblem: Error, Equatable, CustomStringConvertible {
    case missing(String), damaged(String), readOnly(String), locked(String), full(String), failing(String)
    case newerSchema(String), olderSchema(String), unusable(String)

    package var description: String {
        switch self {
        case .missing(let path):
            "There is no database at \(path); name the right one with --database, or start `signet serve` once to create it."
        case .damaged(let path):
            "The file \(path) is damaged or is no Signet database; restore a backup, or name another file with --database."
        case .readOnly(let path):
            "The database \(path) cannot be written; make the file and its folder writable for the user that runs Signet."
        case .locked(let path): "The database \(path) is locked by another program; end that program, then try again."
        case .full(let path): "There is no room left for the database \(path); free some space, then try again."
        case .failing(let path): "The disk under the database \(path) fails; look into the system's log, and at your backups."
        case .newerSchema(let path): "The database \(path) was made by a newer Signet; use that version or a later one."
        case .olderSchema(let path):
            "The database \(path) was made by an older Signet; start `signet serve` once to bring it up to date."
        case .unusable(let path): "The database \(path) cannot be opened; see that it is a readable file in an existing folder."
        }
    }

    /// What an error of the engine means for the operator.
    package init(_ error: any Error, path: String) {
        let fault = error as? DatabaseError
        switch fault?.resultCode {
        case .SQLITE_NOTADB?, .SQLITE_CORRUPT?: self = .damaged(path)
        case .SQLITE_IOERR? where fault?.extendedResultCode == .SQLITE_IOERR_SHORT_READ: self = .damaged(path)
        case .SQLITE_IOERR?: self = .failing(path)
        case .SQLITE_READONLY?, .SQLITE_PERM?: self = .readOnly(path)
        case .SQLITE_BUSY?, .SQLITE_LOCKED?: self = .locked(path)
        case .SQLITE_FULL?: self = .full(path)
        default: self = error as? SQLiteProblem ?? .unusable(path)
        }
    }
}

extension DatabaseError {
    /// Whether the engine itself failed, so that nothing of the transaction can be trusted; a broken constraint is no such thing.
    var isEngineFault: Bool {
        switch resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_INTERRUPT, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_READONLY, .SQLITE_BUSY,
            .SQLITE_LOCKED,
            .SQLITE_NOMEM, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL, .SQLITE_PERM, .SQLITE_ABORT, .SQLITE_MISUSE:
            true
        default:
            false
        }
    }
}
