import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

/// The administrator may do everything and the umask belongs to the whole process, so each of these runs in a process of its own.
@Suite("The store in a file, and its rights")
struct FileTokenStoreRightsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        chmod(folder.path, 0o777)
    }

    @Test(
        "files and folders are their owner's alone, and his to use, whatever the umask (APP-1)",
        arguments: [0o000, 0o022, 0o777] as [mode_t])
    func mask(mask: mode_t) async throws {
        let path = folder.file("state/notes/tokens.json")

        await #expect(processExitsWith: .success) { [path = path as String, mask = mask as mode_t] in
            becomeOrdinary()
            umask(mask)
            let store = FileTokenStore(path)
            try store.write(FileTokenStoreTests.session)
            try #require(try store.lock() != nil)
            try #require(try store.lock() != nil)
            try #require(try store.read() != nil)
        }

        #expect(try mode("state") == 0o700)
        #expect(try mode("state/notes") == 0o700)
        #expect(try mode("state/notes/tokens.json") == 0o600)
        #expect(try mode("state/notes/tokens.json.lock") == 0o600)
    }

    @Test("a folder that was there keeps its rights, and the file in it is its owner's alone")
    func existingFolder() throws {
        chmod(folder.path, 0o755)

        try FileTokenStore(folder.file("tokens.json")).write(FileTokenStoreTests.session)

        #expect(try mode("") == 0o755)
        #expect(try mode("tokens.json") == 0o600)
    }

    @Test("a folder that cannot be written to is `unwritable`, and its session can still be read")
    func readOnlyFolder() async throws {
        await #expect(processExitsWith: .success) { [folder = folder.file("state") as String] in
            becomeOrdinary()
            let store = FileTokenStore(folder + "/tokens.json")
            try store.write(FileTokenStoreTests.session)
            chmod(folder, 0o500)

            for call in [{ try store.write(FileTokenStoreTests.session) }, { try store.clear() }, { _ = try store.lock() }] {
                let error = #expect(throws: TokenStoreError.self, performing: call)
                #expect(error?.problem == .unwritable)
            }
            #expect(try store.read() != nil)
            chmod(folder, 0o700)
        }
    }

    @Test(
        "a file that may not be read, or whose folder may not be entered, is `unreadable`, and stays",
        arguments: ["state/tokens.json", "state"])
    func noRight(name: String) async throws {
        await #expect(processExitsWith: .success) { [folder = folder.path as String, name = name as String] in
            becomeOrdinary()
            let store = FileTokenStore(folder + "/state/tokens.json")
            try store.write(FileTokenStoreTests.session)
            chmod(folder + "/" + name, 0o000)

            for call in [{ _ = try store.read() }, { try store.write(FileTokenStoreTests.session) }, { try store.clear() }] {
                #expect(throws: TokenStoreError(.unreadable, at: store.path, detail: "Permission denied"), performing: call)
            }
            chmod(folder + "/" + name, 0o700)
            #expect(try store.read() != nil)
        }
    }

    @Test(
        "when the disk is full in the middle of a write the old session is there, and no half of the new one",
        arguments: [0, 1, 100, 300])
    func fullDisk(room: Int) async throws {
        await #expect(processExitsWith: .success) { [folder = folder.path as String, room = room as Int] in
            let store = FileTokenStore(folder + "/tokens.json")
            try store.write(FileTokenStoreTests.session)
            // A limit on the size of files ends a write in its middle as a full disk does.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: rlim_t(room), rlim_max: rlim_t(room))
            setrlimit(fileSizeLimit, &limit)

            let error = #expect(throws: TokenStoreError.self) {
                try store.write(FileTokenStoreTests.session(server: "https://id.example.com", deviceName: "new"))
            }

            #expect(error?.problem == .unwritable)
            #expect(try store.read()?.deviceName == FileTokenStoreTests.session.deviceName)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tokens.json"])
        }
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }
}

/// Gives up the administrator's rights, if the tests have them.
private func becomeOrdinary() {
    guard geteuid() == 0 else { return }
    _ = (setegid(65534), seteuid(65534))
}

#if canImport(Darwin)
    private let fileSizeLimit = RLIMIT_FSIZE
#else
    private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#endif
