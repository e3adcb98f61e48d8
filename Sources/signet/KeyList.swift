import ArgumentParser
import SignetSessions
import SignetTokens

/// `signet key list [--refresh]`: the keys, and what each does now.
struct KeyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the signing keys, or the refresh keys.")

    @Flag(help: "The refresh keys.") var refresh = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var `operator`: OperatorOptions

    private struct Line {
        let id: String
        let algorithm: String
        let state: String
        let createdAt: UnixTime
        let activatesAt: UnixTime?
        let revokedAt: UnixTime?
        let masterKeyID: String
    }

    func run() async throws {
        guard let foundation = try await `operator`.store().foundation() else {
            throw CommandFailure("This database has no keys yet; start `signet serve` once to create them.")
        }
        let lines = refresh ? Self.refreshKeys(of: foundation) : Self.signingKeys(of: foundation)
        guard !json else { return Output.json(["keys": .array(lines.map(Self.json))]) }
        Output.table(
            [refresh ? "VERSION" : "KID", "ALG", "STATE", "CREATED", refresh ? "IN USE FROM" : "SIGNS FROM", "SEALED UNDER"],
            lines.map {
                [$0.id, $0.algorithm, $0.state, $0.createdAt.rfc3339, $0.activatesAt?.rfc3339 ?? "", $0.masterKeyID]
            }
        )
    }

    private static func signingKeys(of foundation: ServerFoundation) -> [Line] {
        let now = SystemWallClock().now
        return foundation.signingKeys.map { key in
            Line(
                id: key.keyID, algorithm: key.algorithm.rawValue,
                state: foundation.signingKeys.state(of: key, at: now).name, createdAt: key.createdAt,
                activatesAt: key.activatesAt, revokedAt: key.revokedAt, masterKeyID: key.masterKeyID
            )
        }
    }

    private static func refreshKeys(of foundation: ServerFoundation) -> [Line] {
        let active = foundation.refreshKeys.active?.version
        return foundation.refreshKeys.map { key in
            let state =
                if key.revokedAt != nil {
                    "revoked"
                } else if key.version == active {
                    "active"
                } else {
                    key.activatesAt == nil ? "standby" : "kept"
                }
            return Line(
                id: "\(key.version)", algorithm: "HMAC-SHA256", state: state, createdAt: key.createdAt,
                activatesAt: key.activatesAt, revokedAt: key.revokedAt, masterKeyID: key.masterKeyID
            )
        }
    }

    private static func json(_ line: Line) -> JSONValue {
        var object = JSONObject()
        object["id"] = .string(line.id)
        object["alg"] = .string(line.algorithm)
        object["state"] = .string(line.state)
        object["created_at"] = .string(line.createdAt.rfc3339)
        object["activates_at"] = line.activatesAt.map { .string($0.rfc3339) }
        object["revoked_at"] = line.revokedAt.map { .string($0.rfc3339) }
        object["sealed_under"] = .string(line.masterKeyID)
        return .object(object)
    }
}
