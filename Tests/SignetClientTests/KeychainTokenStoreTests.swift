import Foundation
import SignetClientTesting
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetClient

@Suite("The store in the keychain")
struct KeychainTokenStoreTests {
    let keychain = FakeKeychain()
    let folder: TemporaryFolder
    let scene = Scene()
    let item = KeychainItem(service: "com.example.notes", account: "session", accessGroup: "TEAM.notes")

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("keeps its promise", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
    func promise(_ promise: TokenStoreContract) async throws {
        let keychain = keychain
        let damage = TokenStoreDamage(spoil: { keychain.flipBits() }, mend: { keychain.flipBits() })
        let path = folder.file("group")

        try await promise.hold(
            for: TokenStoreTrial(
                damage: damage, holdElsewhere: { try await lockElsewhere(path, while: $0) },
                open: { KeychainTokenStore(item, folder: path, keychain: keychain) }))
    }

    @Test(
        "a keychain that cannot be read is an error of its own, and nothing is written, deleted or sent",
        arguments: [.interactionNotAllowed, .authFailed, .notAvailable, KeychainStatus(-1)] as [KeychainStatus])
    func locked(status: KeychainStatus) async throws {
        _ = try await scene.signedIn(store: store())
        scene.pass(.seconds(300))
        let client = scene.client(store: store())
        let requests = scene.server.with { $0.requests.count }
        keychain.with { $0.refusal = status }
        let changes = keychain.with { $0.changes }
        let unreadable = TokenStoreError(
            .unreadable, at: "the keychain (com.example.notes, session)", detail: status.description)

        #expect(await failure { try await client.accessToken() } == .store(unreadable))
        #expect(await failure { try await client.signIn(username: "ada", password: FakeSignet.password) } == .store(unreadable))
        #expect(await failure { try await client.signOut() } == .store(unreadable))
        #expect(await failure { try await client.forget() } == .store(unreadable))

        #expect(keychain.with { $0.changes } == changes)
        #expect(scene.server.with { $0.requests.count } == requests)
        keychain.with { $0.refusal = nil }
        _ = try await client.accessToken()
    }

    @Test("before the first unlock a keychain that says `not found` is not believed, for the mark cannot be read either")
    func beforeFirstUnlock() throws {
        try store().write(FileTokenStoreTests.session)
        keychain.with { $0.items = [:] }
        try FileManager.default.removeItem(atPath: mark)
        try FileManager.default.createDirectory(atPath: mark, withIntermediateDirectories: false)

        let error = #expect(throws: TokenStoreError.self) { try store().read() }

        #expect(error?.problem == .unreadable)
        #expect(error?.place == mark)
    }

    @Test("an item that lacks its mark, or any other part, is damaged and left as it is", arguments: [0, 1, 15, 16, 17, 200])
    func cutShort(length: Int) throws {
        try store().write(FileTokenStoreTests.session)
        let stub = try #require(keychain.with { $0.items[item] }).prefix(length)
        keychain.with { $0.items[item] = Array(stub) }

        for call in [{ _ = try store().read() }, { try store().write(FileTokenStoreTests.session) }, { try store().clear() }] {
            let error = #expect(throws: TokenStoreError.self, performing: call)
            #expect(error?.problem == .damaged)
        }

        #expect(keychain.with { $0.items[item] } == Array(stub))
    }

    @Test("a keychain that takes nothing is `unwritable`, in words and with the number that developers look for")
    func notEntitled() throws {
        keychain.with { $0.refusalToAdd = .missingEntitlement }

        let error = #expect(throws: TokenStoreError.self) { try store().write(FileTokenStoreTests.session) }

        #expect(error?.problem == .unwritable)
        #expect(error?.detail == "the app lacks the entitlement for this access group (-34018)")
        #expect(try store().read() == nil)
    }

    @Test("whoever writes first and finds that another was faster takes his item's place, as without a race")
    func racedFirstWrite() throws {
        try store().write(FileTokenStoreTests.session)
        keychain.with {
            $0.addedMeanwhile = $0.items
            $0.items = [:]
        }

        try store().write(FileTokenStoreTests.session(server: "https://id.example.com", deviceName: "new"))

        #expect(try store().read()?.deviceName == "new")
    }

    @Test("a keychain that neither has the item nor takes it keeps nobody waiting for ever", .timeLimit(.minutes(1)))
    func contradiction() throws {
        keychain.with { $0.refusalToAdd = .duplicateItem }

        let error = #expect(throws: TokenStoreError.self) { try store().write(FileTokenStoreTests.session) }

        #expect(error?.problem == .unwritable)
    }

    // MARK: After a reinstall

    @Test("after a reinstall nobody is signed in, although the keychain has outlived the app")
    func reinstalled() async throws {
        _ = try await scene.signedIn(store: store())
        try reinstall()
        let client = scene.client(store: store(), seed: 9)
        let requests = scene.server.with { $0.requests.count }

        #expect(try store().read() == nil)
        #expect(await failure { try await client.accessToken() } == .notSignedIn)
        try await client.signOut()

        #expect(scene.server.with { $0.requests.count } == requests)
        #expect(try await store().leftover() != nil)
    }

    @Test("the first sign-in after a reinstall takes the old session's place at the server, and leaves no ghost there")
    func replacesLeftover() async throws {
        _ = try await scene.signedIn(store: store())
        let old = try #require(try store().read())
        try reinstall()

        let client = try await scene.signedIn(store: store())

        #expect(scene.server.with { $0.rows[old.sessionID]?.ending } == .replaced)
        #expect(scene.server.with { $0.rows.values.filter { $0.ending == nil }.count } == 1)
        #expect(try await store().leftover() == nil)
        #expect(try await plain(client.accessToken()) == plain(store().read()?.accessToken))
    }

    @Test("what an earlier installation left is not sent to another server")
    func leftoverOfAnotherServer() async throws {
        try store().write(FileTokenStoreTests.session(server: "https://other.example.com", deviceName: "Ada's phone"))
        try reinstall()

        _ = try await scene.signedIn(store: store())

        #expect(scene.server.with { $0.requests.allSatisfy { !$0.body.contains("refresh_token") } })
    }

    @Test("a sign-in that is killed between the mark and the item brings no session of an earlier installation back")
    func killedAfterMark() async throws {
        try store().write(FileTokenStoreTests.session)
        try reinstall()

        _ = try Installation(folder: folder.path).mark(drawnFrom: systemRandomBytes)

        #expect(FileManager.default.fileExists(atPath: mark))
        #expect(try store().read() == nil)
        #expect(try await store().leftover() != nil)
    }

    @Test("clearing the store removes what an earlier installation left, for then nothing shall be here")
    func clearsLeftover() throws {
        try store().write(FileTokenStoreTests.session)
        try reinstall()

        try store().clear()

        #expect(keychain.with { $0.items.isEmpty })
    }

    @Test("many who write first at once agree on one mark, so that nobody disowns another's session")
    func oneMark() async throws {
        let folder = folder
        for round in 0..<20 {
            let place = folder.file("\(round)")
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { try Installation(folder: place).mark(drawnFrom: systemRandomBytes) }
                }
                var marks: Set<[UInt8]> = []
                for try await mark in group { marks.insert(mark) }
                #expect(marks.count == 1)
                #expect(try Installation(folder: place).mark() == marks.first)
            }
        }
    }

    private func store() -> KeychainTokenStore {
        KeychainTokenStore(item, folder: folder.path, keychain: keychain)
    }

    private var mark: String { folder.file("signet-installation") }

    /// Removes the app, with its folders, and installs it again.
    private func reinstall() throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.removeItem(atPath: folder.file(file))
        }
    }

    /// Runs `body` while another process has the store's lock, and lets that process die without giving it back.
    private func lockElsewhere(_ path: String, while body: () async throws -> Void) async throws {
        let sign = folder.file("held")
        async let death = #expect(processExitsWith: .signal(SIGKILL)) { [path, sign = sign as String] in
            let item = KeychainItem(service: "com.example.notes", account: "session", accessGroup: "TEAM.notes")
            let lock = try KeychainTokenStore(item, folder: path, keychain: FakeKeychain()).lock()
            try #require(lock != nil)
            try Data().write(to: URL(filePath: sign))
            try await until { !FileManager.default.fileExists(atPath: sign) }
            _ = withExtendedLifetime(lock) { kill(getpid(), SIGKILL) }
        }
        try await until { FileManager.default.fileExists(atPath: sign) }
        try await body()
        try FileManager.default.removeItem(atPath: sign)
        _ = await death
    }
}
