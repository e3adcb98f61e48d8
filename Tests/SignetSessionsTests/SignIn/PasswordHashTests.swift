import SignetSessions
import SignetTokens
import Testing

@Suite("A stored password hash")
struct PasswordHashTests {
    private static let salt = "AAECAwQFBgcICQoLDA0ODw"
    private static let tag = "gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"

    @Test("is read with the cost it was made at")
    func cost() throws {
        let hash = try #require(PasswordHash(phc: Secret("$argon2id$v=19$m=19456,t=2,p=1$\(Self.salt)$\(Self.tag)")))

        #expect(hash.cost == .standard)
        #expect("\(hash.text)" == "[secret]")
    }

    @Test(
        "is bounded in memory, passes and lanes before it is used",
        arguments: [
            ("m=8,t=1,p=1", true), ("m=7,t=1,p=1", false), ("m=1048576,t=1,p=1", true), ("m=1048577,t=1,p=1", false),
            ("m=8,t=0,p=1", false), ("m=8,t=64,p=1", true), ("m=8,t=65,p=1", false), ("m=8,t=1,p=0", false),
            ("m=128,t=1,p=16", true), ("m=136,t=1,p=17", false), ("m=127,t=1,p=16", false), ("m=4294967296,t=1,p=1", false),
            ("m=18446744073709551616,t=1,p=1", false), ("m=-8,t=1,p=1", false), ("m=+8,t=1,p=1", false), ("m=,t=1,p=1", false),
            ("m=8,t=1", false), ("m=8,t=1,p=1,x=1", false), ("m=8,t=1,p=1,", false), ("m=8,junk,t=1,p=1", false),
            ("t=1,m=8,p=1", false), ("m=8,m=8,t=1,p=1", false), ("m=8, t=1,p=1", false), ("", false),
        ])
    func bounds(parameters: String, isRead: Bool) {
        let text = "$argon2id$v=19$\(parameters)$\(Self.salt)$\(Self.tag)"

        #expect((PasswordHash(phc: Secret(text)) != nil) == isRead)
    }

    @Test(
        "is Argon2id of version 19 and nothing else",
        arguments: [
            "", "$", "$argon2i$v=19$m=8,t=1,p=1$\(salt)$\(tag)", "$argon2id$v=16$m=8,t=1,p=1$\(salt)$\(tag)",
            "$argon2id$m=8,t=1,p=1$\(salt)$\(tag)", "$argon2id$v=19$m=8,t=1,p=1$\(salt)",
            "argon2id$v=19$m=8,t=1,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$\(tag)$", "$argon2id$v=19$m=8,t=1,p=1$short$\(tag)",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$short", "$argon2id$v=19$m=8,t=1,p=1$\(salt)$\(tag)=",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$\(tag)\0", "$2b$12$abcdefghijklmnopqrstuv",
        ])
    func otherKinds(text: String) {
        #expect(PasswordHash(phc: Secret(text)) == nil)
    }

    @Test(
        "is weaker when any of its costs is lower",
        arguments: [
            (19_456, 2, 1, false), (19_455, 2, 1, true), (19_456, 1, 1, true), (47_104, 1, 1, true), (65_536, 3, 4, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func weaker(memory: UInt32, passes: UInt32, lanes: UInt32, isWeaker: Bool) {
        let cost = PasswordCost(memory: memory, passes: passes, parallelism: lanes)

        #expect(cost.isWeaker(than: .standard) == isWeaker)
    }
}
