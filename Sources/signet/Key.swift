import ArgumentParser
import SignetSessions
import SignetTokens

/// `signet key`: the server's keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show the server's keys.", subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the signing keys, or the refresh keys.")

        @Flag(help: "The refresh keys.") var refresh = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var `operator`: OperatorOptions

        func run() async throws {
            guard let foundation = try await `operator`.store().foundation() else {
                throw CommandFailure("This database has no keys yet; start `signet serve` once to create them.")
            }
            let keys: [(id: String, algorithm: String, state: KeyState, createdAt: UnixTime, masterKey: String)] =
                refresh
                ? foundation.refreshKeys.map { ("\($0.version)", "HMAC-SHA256", $0.state, $0.createdAt, $0.masterKeyID) }
                : foundation.signingKeys.map { ($0.keyID, $0.algorithm.rawValue, $0.state, $0.createdAt, $0.masterKeyID) }
            guard !json else {
                return Output.json([
                    "keys": .array(
                        keys.map {
                            [
                                "id": .string($0.id), "alg": .string($0.algorithm), "state": .string($0.state.rawValue),
                                "created_at": .string($0.createdAt.rfc3339), "sealed_under": .string($0.masterKey),
                            ]
                        }
                    )
                ])
            }
            Output.table(
                [refresh ? "VERSION" : "KID", "ALG", "STATE", "CREATED", "SEALED UNDER"],
                keys.map { [$0.id, $0.algorithm, $0.state.rawValue, $0.createdAt.rfc3339, $0.masterKey] }
            )
        }
    }
}
