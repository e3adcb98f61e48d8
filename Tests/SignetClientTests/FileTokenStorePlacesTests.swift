import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("The store in a file, in odd places")
struct FileTokenStorePlacesTests {
    let folder: TemporaryFolder
    let session = FileTokenStoreTests.session

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(
        "any name that a file may have is a good one",
        arguments: [
            "tökens.json", "to\u{308}kens", "a b/c\td", "🗝/🗝.json", "%41", ".hidden", "a\nb",
            String(repeating: "n", count: 240),
        ])
    func names(name: String) throws {
        let store = FileTokenStore(folder.file(name))

        try store.write(session)

        #expect(try store.read()?.sessionID == session.sessionID)
        #expect(try store.lock() != nil)
        try store.clear()
        #expect(try store.read() == nil)
    }

    @Test("what stands in the file's place and is no file is an error of its own, and stays", .timeLimit(.minutes(1)))
    func noFile() throws {
        let target = folder.file("target")
        try Data("not ours".utf8).write(to: URL(filePath: target))
        try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: target)
        try FileManager.default.createSymbolicLink(atPath: folder.file("away"), withDestinationPath: folder.file("nowhere"))
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)

        for name in ["folder", "link", "away", "pipe"] {
            let store = FileTokenStore(folder.file(name))
            for call in [{ _ = try store.read() }, { try store.write(session) }, { try store.clear() }] {
                let error = #expect(throws: TokenStoreError.self, "\(name)", performing: call)
                #expect([.unreadable, .damaged].contains(error?.problem), "\(name)")
            }
        }

        #expect(try Data(contentsOf: URL(filePath: target)) == Data("not ours".utf8))
        #expect(
            try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)) == ["target", "folder", "link", "away", "pipe"])
    }

    @Test("a folder behind a link is good, and one behind a link to nowhere is no `nobody is signed in`")
    func linkedFolder() throws {
        try FileManager.default.createDirectory(atPath: folder.file("volume"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("state"), withDestinationPath: folder.file("volume"))
        let store = FileTokenStore(folder.file("state/notes/tokens.json"))
        try store.write(session)
        #expect(try store.read() != nil)

        try FileManager.default.moveItem(atPath: folder.file("volume"), toPath: folder.file("unmounted"))

        for call in [{ _ = try store.read() }, { try store.write(session) }, { try store.clear() }] {
            #expect(throws: TokenStoreError(.unreadable, at: store.path, detail: "No such file or directory"), performing: call)
        }
        try FileManager.default.moveItem(atPath: folder.file("unmounted"), toPath: folder.file("volume"))
        #expect(try store.read() != nil)
    }

    @Test("a path that leads through a file is an error and not `nobody is signed in`")
    func throughFile() throws {
        try Data().write(to: URL(filePath: folder.file("file")))
        let store = FileTokenStore(folder.file("file/tokens.json"))

        #expect(throws: TokenStoreError(.unreadable, at: store.path, detail: "Not a directory")) { try store.read() }
        #expect(throws: TokenStoreError(.unwritable, at: store.path, detail: "Not a directory")) { try store.lock() }
    }

    @Test("a file too big to be ours is not read, and left as it is")
    func hugeFile() throws {
        let content = Data(repeating: UInt8(ascii: " "), count: 70_000)
        let store = FileTokenStore(folder.file("tokens.json"))
        try content.write(to: URL(filePath: store.path))

        #expect(throws: TokenStoreError(.unreadable, at: store.path, detail: "File too large")) { try store.read() }
        #expect(throws: TokenStoreError(.unreadable, at: store.path, detail: "File too large")) { try store.write(session) }
        #expect(try Data(contentsOf: URL(filePath: store.path)) == content)
    }

    @Test("a session is as big as can be read again, and not one byte bigger", arguments: [0, 1])
    func biggest(more: Int) throws {
        let store = FileTokenStore(folder.file("tokens.json"))
        try store.write(session)
        var big = session
        let room = 64 * 1024 - session.json.reveal { $0.count } + session.accessToken.reveal { $0.utf8.count }
        big.accessToken = Secret(String(repeating: "x", count: room + more))

        let write = { try store.write(big) }
        if more > 0 {
            #expect(throws: TokenStoreError(.unwritable, at: store.path, detail: "File too large"), performing: write)
        } else {
            try write()
        }

        let expected = more > 0 ? session : big
        #expect(try plain(store.read()?.accessToken) == plain(expected.accessToken))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tokens.json"])
    }
}
