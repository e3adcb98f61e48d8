import Foundation
import SignetClient
import SignetClientTesting
import SignetTestKit
import Testing

@Suite("The store in a file, and what it promises")
struct FileTokenStoreContractTests {
    @Test("keeps its promise", .timeLimit(.minutes(1)), arguments: TokenStoreContract.promises)
    func promise(_ promise: TokenStoreContract) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state/tokens.json")
        let damage = TokenStoreDamage(spoil: { try flipBits(of: path) }, mend: { try flipBits(of: path) })

        try await promise.hold(
            for: TokenStoreTrial(
                damage: damage, holdElsewhere: { try await lockElsewhere(path, while: $0) }, open: { FileTokenStore(path) }))
    }

    /// Makes the file no JSON, and the second time what it was.
    private func flipBits(of path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let bytes = try file.readToEnd() ?? Data()
        try file.seek(toOffset: 0)
        try file.write(contentsOf: Data(bytes.map { ~$0 }))
        try file.close()
    }

    /// Runs `body` while another process has the store's lock, and lets that process die without giving it back.
    private func lockElsewhere(_ path: String, while body: () async throws -> Void) async throws {
        let sign = path + ".held"
        async let death = #expect(processExitsWith: .signal(SIGKILL)) { [path, sign = path + ".held" as String] in
            let lock = try FileTokenStore(path).lock()
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
