import SignetTokens
import Testing

@Suite("A place in the revocation feed")
struct FeedPositionTests {
    @Test(
        "is read back as it was given",
        arguments: [FeedPosition(epoch: "a", numbers: [0]), FeedPosition(epoch: "Ab-_9", numbers: [1, 0, .max])])
    func roundTrip(_ position: FeedPosition) {
        #expect(FeedPosition(position.description) == position)
        #expect(
            position.description.utf8.allSatisfy {
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8.contains($0)
            })
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ".", "a", "a.", ".1", "a..1", "a.1.", "a.-1", "a.+1", "a.1x", "a b.1", "a.1 ", " a.1", "é.1", "a.١",
            "a.9223372036854775808",
            "a/b.1", "a\n.1", "a.01", "a.00",
        ])
    func malformed(_ text: String) {
        #expect(FeedPosition(text) == nil)
    }

    @Test("has at most 4,096 characters", arguments: [(4096, true), (4097, false)])
    func limit(_ length: Int, _ isRead: Bool) {
        #expect((FeedPosition(String(repeating: "a", count: length - 2) + ".1") != nil) == isRead)
    }
}
