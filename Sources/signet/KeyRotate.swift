import ArgumentParser
import SignetServer
import SignetSessions
import SignetTokens

/// `signet key rotate [--refresh | --master]`: the next key takes its turn.
struct KeyRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Let the next key take its turn; nobody is signed out.",
        discussion: """
            The next signing key has been published for a while. It signs from the moment on when every API knows it, and the old one \
            verifies until its last token has expired. Servers that run take part by themselves, and rotate every 90 days without being \
            told (keys.rotateEvery). A key that leaked is revoked with `signet key retire KID --now` instead.
            """
    )

    @Flag(help: "The key under which refresh tokens are made.") var refresh = false
    @Flag(help: "The master key in the key file, under which all other keys are sealed.") var master = false
    @OptionGroup var options: KeyOptions

    func validate() throws {
        guard !(refresh && master) else { throw ValidationError("Rotate one kind of key at a time: --refresh or --master.") }
    }

    func run() async throws {
        if master { return try await rotateMasterKey() }
        if refresh {
            let version = try await RotateRefreshKey(options.change())(by: .admin)
            return Output.line("Refresh tokens are made under version \(version) from now on; older ones stay good.")
        }
        let cacheTime = try options.operator.settings().server.keyCacheTime
        let turn = try await RotateSigningKey(options.change(), cacheTime: cacheTime)(by: .admin)
        Output.line("kid: \(turn.keyID)")
        Output.line("signs from: \(turn.signsFrom.rfc3339)")
    }

    private func rotateMasterKey() async throws {
        let file = try options.masterKeyFile()
        let rotate = RotateMasterKey(
            store: try await options.operator.store(), keyFile: file, clock: SystemWallClock(), randomBytes: systemRandomBytes)
        let id = try await rotate(by: .admin) {
            Output.note(
                "Waiting for every server that runs to read the new key; one that was killed is waited for half a minute.")
        }
        Output.line("All keys are sealed under \(id) now, and \(file.path) holds it alone.")
        Output.note(
            "Back-ups of the database that were made before need the old key file: keep its copy as long as you keep them.")
    }
}
