import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet key retire KID [--now] [--refresh]`: a key is taken out of use, in good order or because it leaked.
struct KeyRetire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire", abstract: "Take a key out of use; with --now, because it leaked.",
        discussion: """
            Without --now the next key takes its turn, and this one verifies until its last token has expired. With --now nothing that it \
            signed is accepted any more, by this server at once and by every API that follows the revocation feed within a second; \
            devices renew and go on.
            """
    )

    @Argument(help: "The key's id, from `signet key list`; with --refresh its version.") var id: String
    @Flag(help: "It leaked: revoke it.") var now = false
    @Flag(help: "It is a refresh key; the devices whose refresh token was made under it are signed out.") var refresh = false
    @OptionGroup var options: KeyOptions

    func run() async throws {
        let change = try await options.change()
        if refresh { return try await retireRefreshKey(change) }
        guard !now else {
            try await RetireSigningKey(change)(id, by: .admin)
            return Output.line("Revoked: nothing that this key signed is accepted any more.")
        }
        try await retireInOrder(change)
    }

    private func retireInOrder(_ change: ChangeKeys) async throws {
        let cacheTime = try options.operator.settings().server.keyCacheTime
        let retire = RetireSigningKeyInOrder(change, rotate: RotateSigningKey(change, cacheTime: cacheTime))
        switch try await retire(id, by: .admin) {
        case .signsUntil(let turn): Output.line("Another key signs from \(turn.signsFrom.rfc3339) on: \(turn.keyID)")
        case .replaced: Output.line("It never signed; another key is published in its place.")
        case .calledOff: Output.line("It does not take its turn; the key that signs now goes on.")
        case .verifies(let until):
            Output.line("It no longer signs; it is published until \(until.rfc3339), when its last token has expired.")
        }
    }

    private func retireRefreshKey(_ change: ChangeKeys) async throws {
        guard let version = UInt8(id) else { throw KeyRefusal.unknownKey }
        guard now else { throw KeyRefusal.keptForGood }
        let count = try await RetireRefreshKey(change)(version, by: .admin)
        Output.line(count == 1 ? "Revoked; 1 session ended." : "Revoked; \(count) sessions ended.")
    }
}
