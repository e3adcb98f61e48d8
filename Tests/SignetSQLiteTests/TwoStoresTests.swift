import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("Two stores on one file, as the server and the operator's commands have it")
struct TwoStoresTests {
    private let folder: TemporaryFolder
    private let server: StoreTrial
    private let command: StoreTrial

    init() throws {
        folder = try TemporaryFolder()
        let clock = ManualClock()
        server = StoreTrial(store: try SQLiteStore(path: folder.file("signet.db"), create: true, clock: clock), clock: clock)
        command = StoreTrial(store: try SQLiteStore(path: folder.file("signet.db"), create: false, clock: clock), clock: clock)
    }

    @Test("see each other's commits at once")
    func seeEachOther() async throws {
        let user = try await command.begin()
        let device = try await server.device(of: user)
        #expect(try await command.standing(of: device)?.ending == nil)

        _ = try await command.revoke(device, as: .revokedByAdmin, by: .admin)

        #expect(try await server.rotate(device.token(0)).decision == .refuse(.revokedByAdmin))
        try await command.store.setDisabled(true, user: user.id, by: .admin)
        await #expect(throws: SignInRefusal.wrongCredentials) { try await server.device(of: user) }
    }

    @Test("both write at the same time, and nothing is lost")
    func bothWrite() async throws {
        let user = try await server.begin()

        let devices = try await withThrowingTaskGroup(of: Device.self) { group in
            for number in 0..<40 {
                group.addTask { try await (number.isMultiple(of: 2) ? server : command).device(of: user) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        let listed = try await server.store.sessions(of: user.id, after: nil, limit: 100, defaults: server.defaults)
        #expect(Set(listed.map(\.session.id)) == Set(devices.map(\.session)))
    }

    @Test("give one successor to a token that both renew at once")
    func oneSuccessor() async throws {
        let device = try await server.device(of: server.begin())

        let decisions = try await withThrowingTaskGroup(of: RotationDecision.self) { group in
            for number in 0..<64 {
                group.addTask {
                    try await (number.isMultiple(of: 2) ? server : command).rotate(device.token(0), keyed: .fresh).decision
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(decisions.count { $0 == .rotate(to: 1) } == 1)
        #expect(decisions.count { $0 == .tryAgain } == 63)
    }
}
