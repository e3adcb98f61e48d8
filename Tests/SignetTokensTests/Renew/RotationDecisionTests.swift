import SignetTestKit
import SignetTokens
import Testing

@Suite("Deciding a renewal (REF-4)")
struct RotationDecisionTests {
    @Test("the live token", arguments: liveToken)
    func live(_ situation: RenewalSituation) {
        #expect(situation.decision == situation.expected)
    }

    @Test("the token before it", arguments: previousToken)
    func previous(_ situation: RenewalSituation) {
        #expect(situation.decision == situation.expected)
    }

    @Test("an older token is reuse, whatever comes with it", arguments: olderToken)
    func older(_ situation: RenewalSituation) {
        #expect(situation.decision == situation.expected)
    }

    @Test("a token newer than our database", arguments: newerToken)
    func newer(_ situation: RenewalSituation) {
        #expect(situation.decision == situation.expected)
    }

    @Test("the idempotency key of the last rotation beside a newer token is refused", arguments: staleKey)
    func stale(_ situation: RenewalSituation) {
        #expect(situation.decision == situation.expected)
    }

    static let liveToken: [RenewalSituation] = [
        .init("with a key, rotates", .rotate(to: 4)) { $0.key = 7 },
        .init("with a key, rotates inside the window of a keyed rotation", .rotate(to: 4)) {
            $0.rotationKey = 6; $0.key = 7
        },
        .init("with a key, rotates inside the window of a keyless rotation", .rotate(to: 4)) { $0.key = 7 },
        .init("keyless, rotates inside the window of a keyed rotation", .rotate(to: 4)) { $0.rotationKey = 6 },
        .init("keyless, is kept inside the window of a keyless rotation", .keepToken),
        .init("keyless, rotates after the window", .rotate(to: 4)) { $0.sinceRotation = .seconds(61) },
        .init("never rotated and keyless, rotates at once: there is no last rotation", .rotate(to: 1)) {
            $0.rowGeneration = 0
            $0.generation = 0
            $0.sinceRotation = .zero
        },
        .init("never rotated, with a key, rotates", .rotate(to: 1)) {
            $0.rowGeneration = 0; $0.generation = 0; $0.key = 7
        },
        .init("of a client without rotation is kept", .keepToken) {
            $0.policy.rotates = false; $0.sinceRotation = .seconds(9999)
        },
        .init("of a client without rotation is kept, with a key too", .keepToken) {
            $0.policy.rotates = false; $0.key = 7
        },
        .init("of a client without rotation is kept, never rotated", .keepToken) {
            $0.policy.rotates = false
            $0.rowGeneration = 0
            $0.generation = 0
        },
        .init("with another value is reuse", .revoke) { $0.isKnownValue = false },
        .init("with another value is reuse, with a key too", .revoke) {
            $0.isKnownValue = false; $0.key = 7
        },
        .init("with another value is reuse without rotation", .revoke) {
            $0.isKnownValue = false; $0.policy.rotates = false
        },
        .init("with another value is reuse, never rotated", .revoke) {
            $0.rowGeneration = 0
            $0.generation = 0
            $0.isKnownValue = false
        },
        .init("of the last generation that can be counted ends the session", .refuse(.expired)) {
            $0.rowGeneration = .max
            $0.generation = .max
            $0.key = 7
        },
        .init("of the last but one generation rotates", .rotate(to: .max)) {
            $0.rowGeneration = .max - 1
            $0.generation = .max - 1
            $0.key = 7
        },
    ]

    static let previousToken: [RenewalSituation] = [
        previous("keyless, repeats inside the window of a keyless rotation", .repeatSuccessor),
        previous("keyless, is reuse after it", .revoke) { $0.sinceRotation = .seconds(61) },
        previous("with the same key, repeats", .repeatSuccessor) {
            $0.rotationKey = 7; $0.key = 7
        },
        previous("with the same key, repeats years later", .repeatSuccessor) {
            $0.rotationKey = 7
            $0.key = 7
            $0.sinceRotation = .seconds(10 * 365 * 86_400)
        },
        previous("with the same key, repeats without any window", .repeatSuccessor) {
            $0.rotationKey = 7
            $0.key = 7
            $0.policy.window = .zero
        },
        previous("with another key, comes again inside the window", .tryAgain) {
            $0.rotationKey = 7; $0.key = 8
        },
        previous("with another key, is reuse after it", .revoke) {
            $0.rotationKey = 7
            $0.key = 8
            $0.sinceRotation = .seconds(61)
        },
        previous("keyless after a keyed rotation, comes again inside the window", .tryAgain) { $0.rotationKey = 7 },
        previous("keyless after a keyed rotation, is reuse after it", .revoke) {
            $0.rotationKey = 7
            $0.sinceRotation = .seconds(61)
        },
        previous("with a key after a keyless rotation, comes again inside the window", .tryAgain) { $0.key = 7 },
        previous("with a key after a keyless rotation, is reuse after it", .revoke) {
            $0.key = 7; $0.sinceRotation = .seconds(61)
        },
        previous("as the server's own repeat, repeats, keyless and without any window", .repeatSuccessor) {
            $0.isOwnRepeat = true
            $0.policy.window = .zero
        },
        previous("as the server's own repeat, repeats, with a key after the window", .repeatSuccessor) {
            $0.isOwnRepeat = true
            $0.rotationKey = 7
            $0.key = 7
            $0.sinceRotation = .seconds(61)
        },
        previous("with another value is reuse inside the window", .revoke) { $0.isKnownValue = false },
        previous("with another value is reuse even with the same key", .revoke) {
            $0.isKnownValue = false
            $0.rotationKey = 7
            $0.key = 7
        },
        previous("with another value is reuse even with the same nonce", .revoke) {
            $0.isKnownValue = false; $0.isOwnRepeat = true
        },
        previous("repeats once the client no longer rotates", .repeatSuccessor) { $0.policy.rotates = false },
        previous("repeats at the first rotation", .repeatSuccessor) {
            $0.rowGeneration = 1; $0.generation = 0
        },
        previous("repeats at the last rotation", .repeatSuccessor) {
            $0.rowGeneration = .max; $0.generation = .max - 1
        },
        previous("repeats the successor that a recovery made", .repeatSuccessor) {
            $0.recoveredIn = .first; $0.recovery = .open(.first)
        },
    ]

    static let olderToken: [RenewalSituation] = [
        .init("two generations back, keyless, inside the window", .revoke) { $0.generation = 1 },
        .init("two generations back with the last rotation's key", .revoke) {
            $0.generation = 1
            $0.rotationKey = 7
            $0.key = 7
        },
        .init("two generations back with the last rotation's nonce", .revoke) {
            $0.generation = 1; $0.isOwnRepeat = true
        },
        .init("two generations back without rotation", .revoke) {
            $0.generation = 1; $0.policy.rotates = false
        },
        .init("the first of all", .revoke) { $0.generation = 0 },
        .init("the first against the last", .revoke) {
            $0.generation = 0; $0.rowGeneration = .max
        },
        .init("in an open recovery", .revoke) {
            $0.generation = 1; $0.recovery = .open(.first)
        },
    ]

    static let newerToken: [RenewalSituation] = [
        newer("is kept safe while the operator has said nothing", .ahead),
        newer("is kept safe with a key too", .ahead) { $0.key = 7 },
        newer("is refused once the operator has declined", .declined) { $0.recovery = .declined },
        newer("goes on in an open recovery", .recover(to: 6, in: .first)) { $0.recovery = .open(.first) },
        newer("goes on in an open recovery, with a key", .recover(to: 6, in: .first)) {
            $0.recovery = .open(.first); $0.key = 7
        },
        newer("goes on without rotation too: the row must learn of it", .recover(to: 6, in: .first)) {
            $0.recovery = .open(.first)
            $0.policy.rotates = false
        },
        newer("a second time in one recovery is reuse", .revoke) {
            $0.recovery = .open(.first); $0.recoveredIn = .first
        },
        newer("goes on in a second recovery", .recover(to: 6, in: .second)) {
            $0.recovery = .open(.second); $0.recoveredIn = .first
        },
        newer("is kept safe when an earlier recovery was closed", .ahead) { $0.recoveredIn = .first },
        newer("by one generation is ahead already", .ahead) { $0.generation = 4 },
        newer("of the last generation cannot go on", .refuse(.expired)) {
            $0.generation = .max; $0.recovery = .open(.first)
        },
        newer("of the last but one generation goes on", .recover(to: .max, in: .first)) {
            $0.generation = .max - 1
            $0.recovery = .open(.first)
        },
        newer("beside a row that was never rotated", .ahead) {
            $0.rowGeneration = 0; $0.generation = 1
        },
    ]

    static let staleKey: [RenewalSituation] = [
        .init("beside the live token", .staleIdempotencyKey) {
            $0.rotationKey = 7; $0.key = 7
        },
        .init("beside the live token after the window", .staleIdempotencyKey) {
            $0.rotationKey = 7
            $0.key = 7
            $0.sinceRotation = .seconds(61)
        },
        .init("beside the live token of a client without rotation", .staleIdempotencyKey) {
            $0.rotationKey = 7
            $0.key = 7
            $0.policy.rotates = false
        },
        .init("beside another value of the live generation", .staleIdempotencyKey) {
            $0.rotationKey = 7
            $0.key = 7
            $0.isKnownValue = false
        },
        .init("beside a token newer than the database", .staleIdempotencyKey) {
            $0.rotationKey = 7
            $0.key = 7
            $0.generation = 5
        },
        .init("beside a token newer than the database, in an open recovery", .staleIdempotencyKey) {
            $0.rotationKey = 7
            $0.key = 7
            $0.generation = 5
            $0.recovery = .open(.first)
        },
        .init("no key is not the key of a keyless rotation", .keepToken),
    ]

    private static func previous(
        _ description: String, _ expected: RotationDecision, _ change: (inout RenewalSituation) -> Void = { _ in }
    ) -> RenewalSituation {
        RenewalSituation(description, expected) {
            $0.generation = 2
            change(&$0)
        }
    }

    private static func newer(
        _ description: String, _ expected: RotationDecision, _ change: (inout RenewalSituation) -> Void = { _ in }
    ) -> RenewalSituation {
        RenewalSituation(description, expected) {
            $0.generation = 5
            change(&$0)
        }
    }
}
