import SignetTestKit
import SignetTokens

/// A device that renews as a client must: it keeps its token, and the idempotency key made for just this token, until an answer has brought
/// the successor; it asks again when no answer comes, and believes nothing but a well-formed answer.
actor HonestClient {
    /// The server says that the session is over, which no honest client may ever hear.
    struct SignedOut: Error {
        let status: Int
        let answer: String
    }

    /// An answer broke a promise: a generation that did not grow by one, say.
    struct Broken: Error {
        let what: String
    }

    private let http: RawHTTP
    private let successions: Successions
    private let randomBytes: RandomBytes?
    private(set) var tokens: IssuedTokens
    private var key: String?
    private var isStopped = false

    /// How often it has got an answer.
    private(set) var renewals = 0

    /// - Parameter keys: where idempotency keys come from; `nil` makes a client that sends none.
    init(_ tokens: IssuedTokens, port: Int, keys: RandomBytes?, successions: Successions) {
        self.tokens = tokens
        http = RawHTTP(port: port)
        randomBytes = keys
        key = keys.map { Base64URL.string($0(24)) }
        self.successions = successions
    }

    /// Renews without a pause until it is told to stop.
    func keepRenewing() async throws {
        while !isStopped { try await renew() }
    }

    /// The renewal that is under way is the last one.
    func stop() {
        isStopped = true
    }

    /// Renews once, asking until there is an answer that it keeps.
    func renew() async throws {
        // With a key an answer may be forgotten, as by a device that dies before it has written the tokens down, and asked for again.
        var forgets = key == nil || renewals % 3 != 0 ? 0 : 1
        while true {
            try Task.checkCancellation()
            successions.attempt()
            do {
                let answer = try await http.renew(tokens.refreshToken, key: key, [("user_id", tokens.userID)])
                if answer.status == 200 {
                    let new: IssuedTokens = try answer.json()
                    successions.record(new.refreshToken, of: tokens.refreshToken)
                    guard forgets > 0 else { return try adopt(new) }
                    forgets -= 1
                    continue
                }
                guard answer.status == 503 else { throw SignedOut(status: answer.status, answer: answer.text) }
            } catch let error as SignedOut {
                throw error
            } catch let error as Broken {
                throw error
            } catch {
                successions.lose()
            }
            // The server may be dead, and nobody is helped by asking it a thousand times a second.
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func adopt(_ new: IssuedTokens) throws {
        renewals += 1
        guard new.sessionID == tokens.sessionID else { throw Broken(what: "another session") }
        // Inside the window a keyless client keeps its token.
        guard new.refreshToken != tokens.refreshToken else {
            guard key == nil else { throw Broken(what: "a keyed renewal that did not rotate") }
            return
        }
        guard try new.generation == tokens.generation + 1 else {
            throw Broken(what: "generation \(try new.generation) after \(try tokens.generation)")
        }
        // The key belongs to the token, so a new token has a new one.
        key = randomBytes.map { Base64URL.string($0(24)) }
        tokens = new
    }
}
