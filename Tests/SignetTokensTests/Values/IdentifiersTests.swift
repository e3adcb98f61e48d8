import SignetTestKit
import SignetTokens
import Testing

@Suite("Identifiers")
struct IdentifiersTests {
    @Test("an id is written in lower case and read in either")
    func text() throws {
        let id = try #require(UserID("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"))

        #expect(id.description == "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
        #expect(UserID(id.description) == id)
        #expect(UserID(bytes: id.bytes) == id)
        #expect(UserID(bytes: id.bytes.dropLast()) == nil)
    }

    @Test(
        "any other form is refused",
        arguments: [
            "", "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", "{0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b ",
            "0190a1b-2c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "0190a1b2_c3d4_7e5f_8a9b_0c1d2e3f4a5b", "urn:uuid:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "０190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4",
        ]
    )
    func refused(_ text: String) {
        #expect(UserID(text) == nil)
    }

    @Test("version and variant are as RFC 9562 wants them, and time-ordered ids sort by age")
    func versions() {
        let random = seededRandomBytes(1)
        let older = SessionID.timeOrdered(at: .sometime, random)
        let newer = SessionID.timeOrdered(at: UnixTime.sometime.advanced(by: .milliseconds(1)), random)

        #expect(older < newer)
        #expect(older.bytes[6] >> 4 == 7)
        #expect(older.bytes[8] >> 6 == 0b10)
        #expect(UserID.random(random).bytes[6] >> 4 == 4)
        #expect(UserID.random(random).bytes[8] >> 6 == 0b10)
        #expect(older.bytes.prefix(6).reduce(0) { $0 << 8 | Int64($1) } == UnixTime.sometime.milliseconds)
    }

    @Test("a moment before 1970 makes an id and does not trap")
    func before() {
        #expect(
            SessionID.timeOrdered(at: UnixTime(milliseconds: .min), seededRandomBytes(1)).bytes.prefix(6) == [0, 0, 0, 0, 0, 0])
    }

    @Test(
        "a client's id is visible ASCII and never shaped like a user's",
        arguments: [
            ("web-app", true), ("a", true), (String(repeating: "a", count: 128), true), ("", false),
            (String(repeating: "a", count: 129), false),
            ("two words", false), ("é", false), ("a\n", false), ("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", false),
            ("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B", false),
        ])
    func clients(_ text: String, isAccepted: Bool) {
        #expect((ClientID(text)?.description == text) == isAccepted)
    }
}
