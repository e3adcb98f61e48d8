import Crypto
import SignetTestKit
import Testing

@testable import SignetTokens

@Suite("Refresh tokens and their successors")
struct RefreshTokenTests {
    private let session = FreshSession()

    @Test("the tag is the first half of HMAC-SHA256 under a key that HKDF derives")
    func tag() throws {
        let material = SymmetricKey(data: Array(repeating: UInt8(7), count: 32))
        let key = RefreshKey(version: 1, material: Secret(Array(repeating: 7, count: 32)))
        let token = RefreshToken(first: .ada, session: .laptop, key: key, seededRandomBytes(1))
        let bytes = try #require(Self.bytes(of: token))

        let tagKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, info: Array("signet refresh token tag".utf8), outputByteCount: 32)
        let tag = HMAC<SHA256>.authenticationCode(for: bytes.prefix(69), using: tagKey)

        #expect(bytes[0] == 1)
        #expect(Array(bytes[1..<17]) == UserID.ada.bytes)
        #expect(Array(bytes[17..<33]) == SessionID.laptop.bytes)
        #expect(Array(bytes[33..<37]) == [0, 0, 0, 0])
        #expect(Array(bytes[37..<69]) == seededRandomBytes(1)(32))
        #expect(Array(bytes[69...]) == Array(Array(tag).prefix(16)))
    }

    @Test("the successor's secret is HMAC-SHA256 over the session's salt and the whole token")
    func successorSecret() throws {
        let material = SymmetricKey(data: Array(repeating: UInt8(7), count: 32))
        let key = RefreshKey(version: 1, material: Secret(Array(repeating: 7, count: 32)))
        let token = RefreshToken(first: .ada, session: .laptop, key: key, seededRandomBytes(1))
        let salt = DatabaseSalt(Secret(Array(repeating: 9, count: 32))).salt(of: .laptop)

        let successor = try #require(Self.bytes(of: token.successor(under: key, salt: salt)))

        let sessionSalt = HMAC<SHA256>.authenticationCode(
            for: SessionID.laptop.bytes, using: SymmetricKey(data: Array(repeating: UInt8(9), count: 32)))
        let successorKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, info: Array("signet refresh token successor".utf8), outputByteCount: 32)
        let bytes = try #require(Self.bytes(of: token))
        let secret = HMAC<SHA256>.authenticationCode(for: Array(sessionSalt) + bytes, using: successorKey)
        #expect(Array(successor[37..<69]) == Array(secret))
        #expect(Array(successor[33..<37]) == [0, 0, 0, 1])
    }

    @Test("a token has one successor: the same bytes each time, ours, of the next generation")
    func deterministic() {
        let first = session.token.successor(under: session.key, salt: session.salt)
        let again = session.token.successor(under: .seeded(), salt: DatabaseSalt.seeded().salt(of: .laptop))

        #expect(first.text.reveal { text in again.text.reveal { $0 == text } })
        #expect(first.isGenuine(under: session.key))
        #expect(first.generation == 1)
        #expect(first.userID == session.token.userID)
        #expect(first.sessionID == session.token.sessionID)
    }

    @Test("the successor depends on the key, the version, the database, the session and the token")
    func depends() {
        let other = FreshSession(seed: 2).token
        let successors = [
            session.token.successor(under: session.key, salt: session.salt),
            session.token.successor(under: .seeded(version: 2), salt: session.salt),
            session.token.successor(under: .seeded(version: 1, 99), salt: session.salt),
            session.token.successor(under: session.key, salt: DatabaseSalt.seeded(5).salt(of: .laptop)),
            session.token.successor(under: session.key, salt: DatabaseSalt.seeded().salt(of: .phone)),
            other.successor(under: session.key, salt: session.salt),
        ]

        #expect(Set(successors.map { $0.text.reveal { Array($0.utf8.dropFirst(5 + 50)) } }).count == successors.count)
    }

    @Test("the version alone makes another successor, even over the same key material")
    func versionAlone() {
        let material = Secret([UInt8](repeating: 7, count: 32))
        let first = session.token.successor(under: RefreshKey(version: 1, material: material), salt: session.salt)
        let second = session.token.successor(under: RefreshKey(version: 2, material: material), salt: session.salt)

        #expect(first.hash != second.hash)
        #expect(!second.isGenuine(under: RefreshKey(version: 1, material: material)))
    }

    @Test("a token is genuine under the key of its version alone")
    func genuine() {
        let second = session.token.successor(under: .seeded(version: 2), salt: session.salt)

        #expect(second.keyVersion == 2)
        #expect(second.isGenuine(under: .seeded(version: 2)))
        #expect(!second.isGenuine(under: session.key))
        #expect(!session.token.isGenuine(under: .seeded(version: 2)))
        #expect(!session.token.isGenuine(under: .seeded(version: 1, 99)))
    }

    @Test("the last generation that can be counted has a successor and does not trap")
    func lastGeneration() throws {
        let body =
            [session.key.version] + UserID.ada.bytes + SessionID.laptop.bytes + [255, 255, 255, 255]
            + [UInt8](repeating: 1, count: 32)
        let text = "sgr1_" + Base64URL.string(body + session.key.tag(over: body))
        let token = try #require(RefreshToken(parsing: Secret(text)))
        #expect(token.isGenuine(under: session.key))
        #expect(token.generation == .max)

        let successor = token.successor(under: session.key, salt: session.salt)

        #expect(successor.generation == .max)
        #expect(successor.isGenuine(under: session.key))
    }

    @Test("a chain of a thousand rotations counts up and never repeats itself")
    func chain() {
        var token = session.token
        var seen: Set<TokenHash> = [token.hash]
        for generation in 1...1000 {
            token = token.successor(under: session.key, salt: session.salt)
            #expect(token.generation == UInt32(generation))
            seen.insert(token.hash)
        }

        #expect(seen.count == 1001)
        #expect(token.isGenuine(under: session.key))
    }

    @Test("the database keeps SHA-256 of the text; logs may show its first eight digits")
    func hash() {
        let digest = session.token.text.reveal { SHA256.hash(data: Array($0.utf8)) }

        #expect(session.token.hash.bytes == Array(digest))
        #expect(
            session.token.hash.fingerprint
                == digest.prefix(4).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined())
        #expect(session.token.hash.fingerprint.count == 8)
        #expect(TokenHash(bytes: Array(digest)) == session.token.hash)
        #expect(TokenHash(bytes: Array(digest.dropLast())) == nil)
    }

    @Test("two sessions of the same user begin with different tokens")
    func randomSecrets() {
        #expect(FreshSession(seed: 1).token.hash != FreshSession(seed: 2).token.hash)
    }

    @Test("neither token nor key says what it is when it is printed (REF-7)")
    func silent() {
        var dumped = ""
        dump(session.token, to: &dumped)
        dump(session.key, to: &dumped)
        dump(IdempotencyKey.seeded(1), to: &dumped)

        #expect(!dumped.contains("sgr1_"))
        #expect("\(session.token)".contains("[secret]"))
    }

    private static func bytes(of token: RefreshToken) -> [UInt8]? {
        token.text.reveal { Base64URL.decode($0.utf8.dropFirst(5)) }
    }
}
