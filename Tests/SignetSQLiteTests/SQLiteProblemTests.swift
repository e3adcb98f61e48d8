import Foundation
import GRDB
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("A database file that cannot be used")
struct SQLiteProblemTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("signet.db")
    }

    @Test("because it is missing is not made, unless that is wanted")
    func missing() throws {
        expect(.missing(path), create: false)
        #expect(!FileManager.default.fileExists(atPath: path))

        try Data().write(to: URL(fileURLWithPath: path))
        expect(.missing(path), create: false)
    }

    @Test("because there is no folder, or a folder in its place, is named", arguments: ["nowhere/signet.db", "."])
    func unusable(name: String) {
        let path = folder.file(name)

        #expect(throws: SQLiteProblem.unusable(path)) { try open(path) }
    }

    @Test("because it is garbage is damaged, and stays as it is")
    func garbage() throws {
        let bytes = Data(systemRandomBytes(20_000))
        try bytes.write(to: URL(fileURLWithPath: path))

        expect(.damaged(path))

        #expect(FileManager.default.contents(atPath: path) == bytes)
    }

    @Test("because it was cut off is damaged", arguments: [100, 4096, 20_000])
    func truncated(length: Int) throws {
        try make()
        let bytes = try #require(FileManager.default.contents(atPath: path))
        try #require(bytes.count > length)
        try bytes.prefix(length).write(to: URL(fileURLWithPath: path))

        expect(.damaged(path))
    }

    @Test("because it is another program's is refused, and not a byte of it is changed")
    func foreign() throws {
        let other = try DatabaseQueue(path: path)
        try other.write { try $0.execute(sql: "CREATE TABLE server (only TEXT); CREATE TABLE notes (text TEXT)") }
        try other.close()
        let bytes = FileManager.default.contents(atPath: path)

        expect(.damaged(path))
        expect(.damaged(path), create: false)

        #expect(FileManager.default.contents(atPath: path) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["signet.db"])
    }

    @Test("because a newer Signet made it is refused")
    func newerSchema() throws {
        try make()
        try change("INSERT INTO grdb_migrations VALUES ('9999 from the future')")

        expect(.newerSchema(path))
        expect(.newerSchema(path), create: false)
    }

    @Test("because an older Signet made it is refused by commands, which bring no schema up to date")
    func olderSchema() throws {
        try make()
        try change("DELETE FROM grdb_migrations")

        expect(.olderSchema(path), create: false)
    }

    @Test("because another program has locked it is named")
    func locked() throws {
        try make()
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT") }

        expect(.locked(path))

        try other.close()
        _ = try open(path)
    }

    @Test(
        "because it or its folder cannot be written is named", .enabled(if: WriteProtection.isPossible), arguments: [true, false])
    func readOnly(isFile: Bool) throws {
        try make()
        let protection = try WriteProtection(isFile ? path : folder.path)
        defer { protection.lift() }

        expect(.readOnly(path))
    }

    @Test("because its folder cannot be written is not made", .enabled(if: WriteProtection.isPossible))
    func readOnlyFolder() throws {
        let protection = try WriteProtection(folder.path)
        defer { protection.lift() }

        expect(.readOnly(path))
    }

    @Test(
        "is told from what the engine says",
        arguments: [
            (.SQLITE_FULL, .full("/d")), (.SQLITE_IOERR, .failing("/d")), (.SQLITE_IOERR_SHORT_READ, .damaged("/d")),
            (.SQLITE_IOERR_FSYNC, .failing("/d")), (.SQLITE_NOTADB, .damaged("/d")), (.SQLITE_CORRUPT, .damaged("/d")),
            (.SQLITE_CORRUPT_INDEX, .damaged("/d")), (.SQLITE_READONLY, .readOnly("/d")), (.SQLITE_PERM, .readOnly("/d")),
            (.SQLITE_BUSY, .locked("/d")), (.SQLITE_BUSY_SNAPSHOT, .locked("/d")), (.SQLITE_CANTOPEN, .unusable("/d")),
        ] as [(ResultCode, SQLiteProblem)])
    func codes(code: ResultCode, problem: SQLiteProblem) {
        #expect(SQLiteProblem(DatabaseError(resultCode: code), path: "/d") == problem)
    }

    @Test(
        "is one sentence that names the file",
        arguments: [
            SQLiteProblem.missing("/d"), .damaged("/d"), .readOnly("/d"), .locked("/d"), .full("/d"), .failing("/d"),
            .newerSchema("/d"), .olderSchema("/d"), .unusable("/d"),
        ])
    func sentence(problem: SQLiteProblem) {
        let text = problem.description

        #expect(text.contains("/d"))
        #expect(text.hasSuffix("."))
        #expect(text.count { $0 == "." } == 1)
    }

    private func expect(
        _ problem: SQLiteProblem, create: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: problem, sourceLocation: sourceLocation) { try open(path, create: create) }
    }

    @discardableResult
    private func open(_ path: String, create: Bool = true) throws -> SQLiteStore {
        try SQLiteStore(path: path, create: create, clock: ManualClock(), patience: .milliseconds(20))
    }

    /// A database that was closed as it should be.
    private func make() throws {
        try change("PRAGMA journal_mode = DELETE", in: open(path))
    }

    /// Done by another program, after the store was closed.
    private func change(_ sql: String, in store: consuming SQLiteStore? = nil) throws {
        if let store { try store.readers.close() }
        try #require(try Process.run("/usr/bin/true") == 0)
        let other = try DatabaseQueue(path: path)
        try other.writeWithoutTransaction { try $0.execute(sql: sql) }
        try other.close()
    }
}

/// Keeps everyone from writing to a file or a folder, the superuser too, to whom modes mean nothing.
private struct WriteProtection {
    private let path: String

    init(_ path: String) throws {
        self.path = path
        if geteuid() == 0 {
            try #require(try Process.run("/usr/bin/chattr", "+i", path) == 0)
        } else {
            try #require(chmod(path, 0o500) == 0)
        }
    }

    func lift() {
        _ = geteuid() == 0 ? (try? Process.run("/usr/bin/chattr", "-i", path)) : chmod(path, 0o700)
    }

    /// Whether this machine can: a container's superuser may lack the right, and some file systems the flag.
    static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder(), let protection = try? WriteProtection(folder.path) else { return false }
        protection.lift()
        return true
    }()
}
