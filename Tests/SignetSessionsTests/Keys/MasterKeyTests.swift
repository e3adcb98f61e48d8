import SignetSessions
import SignetTokens
import Testing

@Suite("The master key")
struct MasterKeyTests {
    private let key = MasterKey(id: "a", material: Secret(Array(0..<32)))
    private let secret = Secret<[UInt8]>([1, 2, 3])

    @Test("opens what it sealed, and seals differently each time")
    func opens() throws {
        let first = try key.seal(secret, for: "purpose")
        let second = try key.seal(secret, for: "purpose")

        #expect(try key.open(first, for: "purpose").reveal { Array($0) } == [1, 2, 3])
        #expect(first != second)
        #expect(first.count == 12 + 3 + 16)
    }

    @Test("opens nothing for another purpose, under another key, or changed in any bit")
    func opensNothingElse() throws {
        let sealed = try key.seal(secret, for: "purpose")
        let other = MasterKey(id: "a", material: Secret(Array(1..<33)))

        #expect(throws: SealBroken.self) { try key.open(sealed, for: "other purpose") }
        #expect(throws: SealBroken.self) { try other.open(sealed, for: "purpose") }
        #expect(throws: SealBroken.self) { try key.open([], for: "purpose") }
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << bit
                #expect(throws: SealBroken.self) { try key.open(changed, for: "purpose") }
            }
            #expect(throws: SealBroken.self) { try key.open(Array(sealed.prefix(index)), for: "purpose") }
        }
    }
}
