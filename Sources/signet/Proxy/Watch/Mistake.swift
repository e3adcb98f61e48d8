/// What a client can do wrong. The raw values are names for programs: `--allow` takes them, and the report has them.
enum Mistake: String, CaseIterable, Hashable, Sendable {
    case keyless
    case malformedKey = "malformed-key"
    case otherKey = "other-key"
    case keyOfOlderToken = "key-of-older-token"
    case twoAtOnce = "two-at-once"
    case spentToken = "spent-token"
    case neverStored = "never-stored"
    case tooSoon = "too-soon"
    case hurry
    case needless
    case deadToken = "dead-token"
    case signedInAgain = "signed-in-again"
    case misplacedToken = "misplaced-token"
    case rejectedToken = "rejected-token"
    case expiredToken = "expired-token"

    /// What the client did, in one sentence.
    var sentence: String {
        switch self {
        case .keyless: "It renewed without an idempotency key."
        case .malformedKey: "Its idempotency key is not one that the server can take."
        case .otherKey: "It repeated a renewal with another idempotency key."
        case .keyOfOlderToken: "It sent the idempotency key of an older token with a newer one."
        case .twoAtOnce: "It asked for two different renewals of one token at the same time."
        case .spentToken: "It presented a spent token although it had been given the successor."
        case .neverStored: "It asked again and again for a successor that it had been given."
        case .tooSoon: "It asked again before the time that Retry-After named."
        case .hurry: "It asked again and again without a pause."
        case .needless: "It renewed again and again although its access token was fresh."
        case .deadToken: "It went on using a token after invalid_grant."
        case .signedInAgain: "It signed in again although its session had not ended."
        case .misplacedToken: "It sent a refresh token where none belongs."
        case .rejectedToken: "It sent an access token again and again after a 401 invalid_token."
        case .expiredToken: "It sent an access token that had expired."
        }
    }

    /// What to do instead.
    var advice: String {
        switch self {
        case .keyless:
            "Create a key of 128 random bits or more for each refresh token, store it beside the token before you ask, and send it as Idempotency-Key; without one a lost answer can be asked for again only inside the grace window, 60 seconds by default."
        case .malformedKey: "A key has 22 to 64 characters of A-Z a-z 0-9 - _, and at least 128 random bits."
        case .otherKey:
            "A key belongs to the token, not to the request: store it before you ask, and send the same one until an answer has brought the successor."
        case .keyOfOlderToken: "Create a new key when you store a new refresh token."
        case .twoAtOnce:
            "Let one task renew and the others wait for it; processes that share a store take a lock around reading, asking and storing, or share the key."
        case .spentToken:
            "Store the new refresh token, durably, before you use anything of the answer, and read the store again before each renewal: to the server a spent token is the sign of a thief, and it ends the session."
        case .neverStored: "Store the new refresh token, durably, before you use anything of the answer."
        case .tooSoon: "Wait at least as long as Retry-After says, also in the next process."
        case .hurry: "Wait between two tries, longer each time, with some chance in it."
        case .needless: "Keep the access token with the moment at which it came, and renew shortly before expires_in has passed."
        case .deadToken: "400 with invalid_grant means that the session is over: empty the store, and ask the person to sign in."
        case .signedInAgain:
            "Only 400 with invalid_grant ends a session; after a lost answer, 429, 5xx, a redirect or a page in HTML keep the tokens and ask again with the same key. As it is, an honest person was signed out."
        case .misplacedToken:
            "A refresh token goes into the body of a request to the token endpoint, the revocation endpoint or a sign-in, and nowhere else."
        case .rejectedToken: "After a 401 with invalid_token renew once and repeat the call once; then show the error."
        case .expiredToken: "Count expires_in from the moment at which the answer came, and renew before it has passed."
        }
    }
}
