import SignetTestKit
import Testing

@Suite("The seeded generator")
struct SplitMix64Tests {
    @Test("yields the published numbers for a seed")
    func published() {
        // The reference implementation's first numbers for the seed 1234567 (Vigna, splitmix64.c).
        var generator = SplitMix64(seed: 1_234_567)

        let numbers = (0..<5).map { _ in generator.next() }

        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ])
    }

    @Test("gives the same bytes for a seed, and others for another")
    func bytes() {
        #expect(seededRandomBytes(1)(32) == seededRandomBytes(1)(32))
        #expect(seededRandomBytes(1)(32) != seededRandomBytes(2)(32))
        #expect(seededRandomBytes(1)(0).isEmpty)
    }

    @Test("goes on where it was, so that two calls differ")
    func goesOn() {
        let randomBytes = seededRandomBytes(1)

        #expect(randomBytes(16) != randomBytes(16))
    }

    @Test("stays below the bound, and reaches every number under it")
    func below() {
        var generator = SplitMix64(seed: 3)

        let numbers = Set((0..<1000).map { _ in generator.below(7) })

        #expect(numbers == Set(0..<7))
    }

    @Test("lets something happen about once in so many times")
    func happens() {
        var generator = SplitMix64(seed: 4)

        let count = (0..<10_000).count { _ in generator.happens(onceIn: 10) }

        #expect((800...1200).contains(count))
    }
}
