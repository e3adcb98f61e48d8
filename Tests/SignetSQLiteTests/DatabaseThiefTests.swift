import Crypto
import Foundation
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

@testable import SignetSQLite

@Suite("Whoever steals the database files")
struct DatabaseThiefTests {
    private let folder: TemporaryFolder
    private let story: Story

    init() async throws {
        folder = try TemporaryFolder()
        story = try await Story(store: try SQLiteStore.fixture(in: folder), clock: ManualClock(), folder: folder)
        try await story.user()
    }

    @Test("finds no token, no password and no key in them")
    func findsNothing() async throws {
        var secrets: [[UInt8]] = [Array(Story.password.utf8)]
        var current: Secret<String>?
        for number in 0..<6 {
            let key = number.isMultiple(of: 2) ? IdempotencyKey.fresh : nil
            let pair = try await current == nil ? story.signIn() : story.renew(current, keyed: key)
            let token = try #require(pair.refreshToken)
            let bytes = try #require(Base64URL.decode(token.plain.utf8.dropFirst(5)))
            secrets += [Array(token.plain.utf8), bytes, Array(bytes[37..<69]), Array(pair.accessToken.plain.utf8)]
            secrets += [Array(pair.accessToken.plain.utf8.split(separator: UInt8(ascii: "."))[2])]
            if let key { secrets.append(Array(key.text.plain.utf8)) }
            current = token
            story.clock.advance(by: .seconds(61))
        }
        secrets.append(await story.ring.current().signingKey.secretBytes.reveal { Array($0) })
        secrets.append(Array("sgr1_".utf8))
        secrets.append(Array("eyJ".utf8))

        let files = try files()

        #expect(secrets.count > 25)
        for secret in secrets { #expect(files.range(of: Data(secret)) == nil) }
        // What must be there is found, so the search would have found the rest.
        let hash = try #require(current.flatMap(RefreshToken.init(parsing:))).hash
        #expect(files.range(of: Data(hash.bytes)) != nil)
        #expect(files.range(of: Data("$argon2id$".utf8)) != nil)
    }

    @Test("cannot start a server on them without the key file, nor with one of their own")
    func cannotStart() async throws {
        let thief = try stolen()
        let keyFile = MasterKeyFile(path: thief.file("signet.key"))
        let store = try SQLiteStore(path: thief.file("signet.db"), create: false, clock: story.clock)
        let found = FoundServer(store: store, keyFile: keyFile, clock: story.clock, randomBytes: systemRandomBytes)
        await #expect(throws: MasterKeyFileProblem.missing(keyFile.path)) { try await found(issuer: StoreTrial.issuer) }

        try keyFile.createIfMissing(systemRandomBytes)
        let (foundation, masterKeys) = try await found(issuer: StoreTrial.issuer)
        #expect(throws: MasterKeyFileProblem.otherKey(keyFile.path)) {
            try KeyRing(foundation, masterKeys: masterKeys, keyFile: keyFile, store: store, clock: story.clock)
        }
    }

    @Test("cannot make a refresh token that is accepted out of anything in them")
    func cannotMakeRefreshToken() async throws {
        let pair = try await story.signIn()
        let thief = try stolen()
        let store = try SQLiteStore(path: thief.file("signet.db"), create: false, clock: story.clock)
        let foundation = try #require(try await store.foundation())
        let standing = try #require(
            try await store.standing(of: pair.sessionID, user: pair.userID, defaults: story.defaults))
        let salt = foundation.salt.reveal { Array($0) }
        let guesses = [salt, standing.session.row.current.bytes, Array(repeating: 0, count: 32), []]
        let sealed = foundation.refreshKeys.flatMap { [$0.sealed, Array($0.sealed.dropFirst(12).prefix(32))] }

        for material in guesses + sealed {
            for version in [UInt8(1), 2] {
                let key = RefreshKey(version: version, material: Secret(material))
                let forged = RefreshToken(first: pair.userID, session: pair.sessionID, key: key) { _ in
                    standing.session.row.current.bytes
                }
                await #expect(throws: RenewalRefusal.malformed) { try await story.renew(forged.text, keyed: .fresh) }
            }
        }
        #expect(try await story.ending(of: pair) == nil)
    }

    @Test("cannot sign an access token that is accepted, also under the right key's name")
    func cannotSign() async throws {
        let pair = try await story.signIn()
        let claims = try await story.claims(pair.accessToken).claims
        let keyID = await story.ring.current().signingKey.publicKey.keyID
        let own = P256.Signing.PrivateKey()

        let header: JSONValue = ["alg": "ES256", "typ": "at+jwt", "kid": .string(keyID)]
        let input = Base64URL.string(header.bytes) + "." + Base64URL.string(JSONValue.object(claims).bytes)
        let signature = try own.signature(for: Data(input.utf8)).rawRepresentation
        let forged = Secret(input + "." + Base64URL.string(signature))

        await #expect(throws: CallerRefusal.token(.badSignature)) { try await story.authenticate(forged, scope: .none) }
        let underOwnName = try AccessToken(claims: claims)?.signed(with: SigningKey(es256: own))
        await #expect(throws: CallerRefusal.token(.unknownKey)) {
            try await story.authenticate(#require(underOwnName), scope: .none)
        }
        _ = try await story.authenticate(pair.accessToken, scope: .none)
    }

    /// A copy of the files, made by another process: to close a file that SQLite has open in this one would drop its locks.
    private func stolen() throws -> TemporaryFolder {
        let thief = try TemporaryFolder()
        for name in ["signet.db", "signet.db-wal"] {
            try #require(try Process.run("/bin/cp", folder.file(name), thief.file(name)) == 0)
        }
        return thief
    }

    private func files() throws -> Data {
        let thief = try stolen()
        return try ["signet.db", "signet.db-wal"].reduce(into: Data()) { bytes, name in
            bytes += try #require(FileManager.default.contents(atPath: thief.file(name)))
        }
    }
}
