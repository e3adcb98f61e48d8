import Foundation
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@Suite("The master key file")
struct MasterKeyFileTests {
    private let folder: TemporaryFolder
    private let file: MasterKeyFile

    init() throws {
        folder = try TemporaryFolder()
        file = MasterKeyFile(path: folder.file("signet.key"))
    }

    @Test("is made with one random key that only its owner can read, and nothing is left beside it")
    func creates() throws {
        try file.createIfMissing(systemRandomBytes)

        let keys = try file.read()
        #expect(keys.count == 1)
        #expect(keys[0].id.count == 12)
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["signet.key"])
    }

    @Test("stays as it is once it is there")
    func keeps() throws {
        try file.createIfMissing(systemRandomBytes)
        let before = FileManager.default.contents(atPath: file.path)

        try file.createIfMissing(systemRandomBytes)

        #expect(FileManager.default.contents(atPath: file.path) == before)
    }

    @Test("is one and the same for all who make it at once")
    func race() async throws {
        for _ in 0..<20 {
            let folder = try TemporaryFolder()
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let file = MasterKeyFile(path: folder.file("signet.key"))
                        try file.createIfMissing(systemRandomBytes)
                        return try file.read()[0].id
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }

            #expect(ids.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["signet.key"])
        }
    }

    @Test("may hold several keys, the first one in use")
    func several() throws {
        let key = Base64URL.string([UInt8](repeating: 1, count: 32))
        try write(#"{"keys":[{"id":"new","key":"\#(key)"},{"id":"old","key":"\#(key)"}]}"#)

        #expect(try file.read().map(\.id) == ["new", "old"])
    }

    @Test("that is missing is one clear sentence")
    func missing() {
        #expect(throws: MasterKeyFileProblem.missing(file.path)) { try file.read() }
    }

    @Test(
        "that is damaged is one clear sentence",
        arguments: [
            "", "{", "{}", #"{"keys":[]}"#, #"{"keys":[{"id":"a"}]}"#, #"{"keys":[{"id":"a","key":"AAAA"}]}"#,
            #"{"keys":[{"id":"a","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}"#,
            #"{"keys":[{"id":"a","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"id":"b"}]}"#,
        ])
    func damaged(text: String) throws {
        try write(text)

        #expect(throws: MasterKeyFileProblem.damaged(file.path)) { try file.read() }
    }

    @Test("that is a folder cannot be read, and in a folder that is not there cannot be written")
    func unusable() throws {
        try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
        #expect(throws: MasterKeyFileProblem.unreadable(file.path)) { try file.read() }

        let nowhere = MasterKeyFile(path: folder.file("nowhere/signet.key"))
        #expect(throws: MasterKeyFileProblem.unwritable(nowhere.path)) { try nowhere.createIfMissing(systemRandomBytes) }
    }

    @Test(
        "says what is wrong in one sentence that names the file and never a key",
        arguments: [MasterKeyFileProblem.missing("/k"), .unreadable("/k"), .damaged("/k"), .unwritable("/k"), .otherKey("/k")])
    func sentence(problem: MasterKeyFileProblem) {
        let text = problem.description

        #expect(text.contains("/k"))
        #expect(text.hasSuffix("."))
        #expect(text.count { $0 == "." } == 1)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
    }
}
