import Foundation
import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("What a thief finds in the database's files")
    struct DatabaseBytesTests {
        @Test("neither a token, nor its secret, nor a password, while the server runs and after its end")
        func holdsNoSecret() async throws {
            try await Installation.make { signet in
                let secrets = try await signet.serve { server in
                    let secrets = try await Secrets(at: signet)
                    // The write-ahead log holds the newest rows until the server ends.
                    let running = try files(of: signet)
                    #expect(running.keys.contains("signet.db-wal"))
                    expectNone(of: secrets, in: running)
                    server.signal(SIGKILL)
                    _ = try await server.exit()
                    return secrets
                }
                expectNone(of: secrets, in: try files(of: signet))

                try await signet.serve { server in
                    server.signal(SIGTERM)
                    let exit = try await server.exit()
                    #expect(exit == .status(0))
                }
                expectNone(of: secrets, in: try files(of: signet))
            }
        }

        /// What was used over HTTP, each as it would lie in a file; and what must be there, so that the search is known to find something.
        private struct Secrets {
            var hidden: [(name: String, bytes: [UInt8])] = []
            var visible: [(name: String, bytes: [UInt8])] = []

            init(at signet: Installation) async throws {
                for name in ["ada", "bob"] {
                    try await signet.addUser(name)
                    hidden.append(("password", Array(TestPassword.of(name).utf8)))
                    var tokens = try await signet.signIn(name, device: "\(name)'s lamp")
                    visible += [("name", Array(name.utf8)), ("device", Array("\(name)'s lamp".utf8))]
                    try hide(tokens)
                    for number in 0..<20 {
                        let key = "idempotency-key-\(name)-number-\(number)"
                        hidden.append(("idempotency key", Array(key.utf8)))
                        tokens = try await signet.renew(tokens.refreshToken, key: key).json()
                        try hide(tokens)
                    }
                    visible.append(("session", try #require(uuid(tokens.sessionID))))
                }
            }

            private mutating func hide(_ tokens: IssuedTokens) throws {
                hidden.append(("refresh token", Array(tokens.refreshToken.utf8)))
                hidden.append(("access token", Array(tokens.accessToken.utf8)))
                for part in tokens.accessToken.split(separator: ".").dropFirst() {
                    hidden.append(("part of an access token", Array(part.utf8)))
                }
                // key version 1 | user id 16 | session id 16 | generation 4 | secret 32 | tag 16
                let decoded = try #require(Base64URL.decode(tokens.refreshToken.utf8.dropFirst(5)))
                try #require(decoded.count == 85)
                hidden.append(("secret of a refresh token", Array(decoded[37..<69])))
                hidden.append(("tag of a refresh token", Array(decoded[69...])))
            }

            private func uuid(_ text: String) -> [UInt8]? {
                UUID(uuidString: text).map { id in withUnsafeBytes(of: id.uuid) { Array($0) } }
            }
        }

        private func files(of signet: Installation) throws -> [String: Data] {
            let names = try FileManager.default.contentsOfDirectory(atPath: signet.folder)
            let files = try names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(signet.folder)/\($0)"))) }
            return Dictionary(uniqueKeysWithValues: files)
        }

        private func expectNone(of secrets: Secrets, in files: [String: Data]) {
            #expect(Set(files.keys).isSuperset(of: ["signet.db", "signet.key"]))
            for secret in secrets.hidden {
                let found = files.filter { $0.value.range(of: Data(secret.bytes)) != nil }.keys
                #expect(found.isEmpty, "a \(secret.name) lies in \(found.joined(separator: ", "))")
            }
            for value in secrets.visible {
                let found = files.filter { $0.value.range(of: Data(value.bytes)) != nil }.keys
                #expect(!found.isEmpty, "no \(value.name) was found")
            }
        }
    }
}
