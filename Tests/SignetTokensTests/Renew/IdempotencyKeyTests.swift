import Crypto
import SignetTestKit
import SignetTokens
import Testing

@Suite("Idempotency keys of renewals (IDK-1)")
struct IdempotencyKeyTests {
    @Test(
        "22 to 64 characters, bare or quoted, are the same key",
        arguments: [
            "8e03978e-40d5-43e8-bc93-6894a57f9324", "ABCDEFGHIJKLMNOPQRSTUV", "-_-_-_-_-_-_-_-_-_-_-_",
            String(repeating: "z", count: 64),
        ]
    )
    func accepted(_ text: String) throws {
        let bare = try #require(IdempotencyKey(Secret(text)))
        let quoted = try #require(IdempotencyKey(Secret("\"\(text)\"")))

        #expect(bare.text.reveal { $0 == text })
        #expect(quoted.text.reveal { $0 == text })
        #expect(bare.hash(in: .laptop) == quoted.hash(in: .laptop))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "\"\"", "\"", "ABCDEFGHIJKLMNOPQRSTU", "\"ABCDEFGHIJKLMNOPQRSTU\"", String(repeating: "z", count: 65),
            "ABCDEFGHIJKLMNOPQRSTUV\"", "\"ABCDEFGHIJKLMNOPQRSTUV", "\"\"ABCDEFGHIJKLMNOPQRSTUV\"\"", " ABCDEFGHIJKLMNOPQRSTUV",
            "ABCDEFGHIJKLMNOPQRSTUV ", "ABCDEFGHIJKLMNOPQRSTUV=", "ABCDEFGHIJK.LMNOPQRSTUV", "ABCDEFGHIJK LMNOPQRSTUV",
            "ABCDEFGHIJK\u{0}LMNOPQRSTUV", "ABCDEFGHIJKLMNOPQRSTÜV", "\"ABCDEFGHIJKLMNOPQRSTUV\";a=1",
            "ABCDEFGHIJKLMNOPQRSTUV, ABCDEFGHIJKLMNOPQRSTUV",
            "'ABCDEFGHIJKLMNOPQRSTUV'",
        ]
    )
    func refused(_ text: String) {
        #expect(IdempotencyKey(Secret(text)) == nil)
    }

    @Test("what the server keeps is bound to the session: SHA-256(session id | key)")
    func hash() throws {
        let key = try #require(IdempotencyKey(Secret("ABCDEFGHIJKLMNOPQRSTUV")))

        let digest = SHA256.hash(data: SessionID.laptop.bytes + Array("ABCDEFGHIJKLMNOPQRSTUV".utf8))

        #expect(key.hash(in: .laptop).bytes == Array(digest))
        #expect(key.hash(in: .laptop) != key.hash(in: .phone))
    }

    @Test("a new key is random, long enough, and reads back")
    func random() {
        let key = IdempotencyKey.random(seededRandomBytes(1))

        #expect(IdempotencyKey(key.text)?.hash(in: .laptop) == key.hash(in: .laptop))
        #expect(key.text.reveal { $0.utf8.count } == 43)
        #expect(key.hash(in: .laptop) != IdempotencyKey.seeded(2).hash(in: .laptop))
    }
}
