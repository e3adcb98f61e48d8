import Foundation
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("Several sessions on one device")
struct TokenStoresTests {
    let keychain = FakeKeychain()
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    static let names = [
        "ada@example.com", "Ada@example.com", "", ".", "../..", "a/b", "Ä\u{1F5DD}\u{0}%41", "signet-installation",
    ]

    @Test("each name has a session of its own, whatever its characters, and the list has exactly the names with one")
    func names() async throws {
        for stores in every { try await check(stores) }

        func check(_ stores: some TokenStores) async throws {
            #expect(try await stores.names().isEmpty)
            for (number, name) in Self.names.enumerated() { try await stores.store(name).write(session(number)) }

            #expect(try await stores.names() == Self.names.sorted())
            for (number, name) in Self.names.enumerated() {
                #expect(try await stores.store(name).read()?.deviceName == "\(number)")
            }
            for name in Self.names.dropFirst(2) { try await stores.store(name).clear() }
            #expect(try await stores.names() == Self.names.prefix(2).sorted())
        }
    }

    @Test("two people on one device renew each their own session, and one's sign-out leaves the other's alone")
    func twoPeople() async throws {
        for stores in every { try await check(stores) }

        func check(_ stores: some TokenStores) async throws {
            let scene = Scene()
            let ada = scene.client(store: stores.store("ada"), seed: 3)
            let bob = scene.client(store: stores.store("bob"), seed: 4)
            try await ada.signIn(username: "ada", password: FakeSignet.password)
            try await bob.signIn(username: "bob", password: FakeSignet.password)
            scene.pass(.seconds(300))
            let lock = try #require(try await stores.store("ada").lock())

            _ = try await bob.accessToken()
            lock.release()
            _ = try await ada.accessToken()
            try await ada.signOut()

            #expect(scene.server.renewals.count == 2)
            #expect(try await stores.names() == ["bob"])
            _ = try await bob.accessToken()
        }
    }

    @Test("a session that cannot be read is in the list, and can be removed at the person's wish; another is not touched")
    func damaged() async throws {
        for stores in every { try await check(stores) }

        func check(_ stores: some TokenStores) async throws {
            try await stores.store("ada").write(session(1))
            try spoil()
            try await stores.store("bob").write(session(2))

            #expect(try await stores.names() == ["ada", "bob"])
            await #expect(throws: TokenStoreError.self) { try await stores.store("ada").read() }
            try await stores.remove("ada")
            try await stores.remove("nobody")

            #expect(try await stores.names() == ["bob"])
            #expect(try await stores.store("ada").read() == nil)
            #expect(try await stores.store("bob").read() != nil)
        }
    }

    @Test("a folder that cannot be listed, or is behind a link to nowhere, is an error and not `nobody is signed in`")
    func unlistable() throws {
        try Data().write(to: URL(filePath: folder.file("file")))
        try FileManager.default.createSymbolicLink(atPath: folder.file("volume"), withDestinationPath: folder.file("away"))

        for path in ["file", "file/in", "volume", "volume/in/it"] {
            let error = #expect(throws: TokenStoreError.self) { try FileTokenStores(folder.file(path)).names() }
            #expect(error?.problem == .unreadable, "\(path)")
        }
        #expect(try FileTokenStores(folder.file("none/here")).names().isEmpty)
    }

    @Test("a locked keychain is an error and not `nobody is signed in`")
    func lockedKeychain() async throws {
        try keychainStores.store("ada").write(session(1))
        keychain.with { $0.refusal = .interactionNotAllowed }

        let error = #expect(throws: TokenStoreError.self) { try keychainStores.names() }

        #expect(error?.problem == .unreadable)
        #expect(error?.detail == "the device or its keychain is locked (-25308)")
    }

    @Test("after a reinstall the list does not name who was signed in before")
    func reinstalled() throws {
        try keychainStores.store("ada").write(session(1))
        try FileManager.default.removeItem(atPath: folder.file("keychain"))

        try keychainStores.store("bob").write(session(2))

        #expect(try keychainStores.names() == ["bob"])
    }

    @Test("files that are nobody's session are not in the list: locks, drafts, and what others have laid there")
    func otherFiles() throws {
        let stores = FileTokenStores(folder.path)
        try stores.store("ada").write(session(1))
        _ = try stores.store("ada").lock()
        for name in [
            "bob.tokens.new", "bob.tokens.lock", "bob", "BOB.tokens", "%zz.tokens", "%62ob.tokens", "%ff.tokens", "%6.tokens",
        ] {
            try Data().write(to: URL(filePath: folder.file(name)))
        }

        #expect(try stores.names() == ["ada"])
    }

    @Test("a name too long for a file is an error and not an empty store")
    func longName() throws {
        let error = #expect(throws: TokenStoreError.self) {
            try FileTokenStores(folder.path).store(String(repeating: "a", count: 300)).read()
        }

        #expect(error?.problem == .unreadable)
    }

    private var keychainStores: KeychainTokenStores {
        KeychainTokenStores(service: "notes", accessGroup: nil, folder: folder.file("keychain"), keychain: keychain)
    }

    private var every: [any TokenStores] { [FileTokenStores(folder.file("files")), keychainStores] }

    private func session(_ number: Int) -> StoredSession {
        FileTokenStoreTests.session(server: "https://id.example.com", deviceName: "\(number)")
    }

    /// Damages everything that is stored.
    private func spoil() throws {
        keychain.flipBits()
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: folder.file("files")) else { return }
        for file in files where file.hasSuffix(".tokens") {
            try Data("half a ses".utf8).write(to: URL(filePath: folder.file("files/" + file)))
        }
    }
}
