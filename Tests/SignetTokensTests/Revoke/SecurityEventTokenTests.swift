import SignetTestKit
import SignetTokens
import Testing

@Suite("A revocation as a signed event")
struct SecurityEventTokenTests {
    let issuer = TestIssuer()
    let now = UnixTime.sometime

    @Test("each kind is read as it was written", arguments: [nil, UnixTime.sometime.advanced(by: .seconds(3900))] as [UnixTime?])
    func roundTrip(_ forgetAt: UnixTime?) throws {
        let subjects: [RevokedSubject] = [.session(.laptop), .token("a jti"), .client("notes-app"), .key("a kid")]
        for (subject, initiator) in zip(subjects, Revocation.Initiator.allCases) {
            var user: UserID?
            if case .session = subject { user = .ada }
            let revocation = Revocation(
                id: .random(seededRandomBytes(1)), subject: subject, userID: user, at: now, initiator: initiator,
                reason: "reused",
                forgetAt: forgetAt)

            let text = try SecurityEventToken.sign(
                revocation, issuer: issuer.name, with: issuer.key, at: now.advanced(by: .seconds(9)))

            #expect(try read(text) == revocation)
        }
    }

    @Test("header and claims are those of RFC 8417 and CAEP, SET-1 to SET-3")
    func wire() throws {
        let revocation = Revocation(
            id: .random(seededRandomBytes(1)), subject: .session(.laptop), userID: .ada, at: now, initiator: .user,
            reason: "signed_out",
            forgetAt: now.advanced(by: .seconds(3900)))
        let text = try SecurityEventToken.sign(revocation, issuer: issuer.name, with: issuer.key, at: now)
        let jws = try CompactJWS(parsing: text.utf8)

        #expect(jws.header["typ"] == "secevent+jwt")
        #expect(
            try JSONValue(parsing: jws.payload) == [
                "iss": "https://id.example.com", "aud": "https://id.example.com/v1/revocations", "iat": 1_700_000_000,
                "jti": .string(revocation.id.description),
                "sub_id": [
                    "format": "complex", "session": ["format": "opaque", "id": .string(SessionID.laptop.description)],
                    "user": ["format": "iss_sub", "iss": "https://id.example.com", "sub": .string(UserID.ada.description)],
                ],
                "events": [
                    "https://schemas.openid.net/secevent/caep/event-type/session-revoked": [
                        "event_timestamp": 1_700_000_000, "initiating_entity": "user", "reason_admin": ["en": "signed_out"],
                        "forget_at": 1_700_003_900,
                    ]
                ],
            ])
    }

    @Test("it is never an access token, nor the other way round, VER-7")
    func otherKinds() throws {
        let event = try SecurityEventToken.sign(.of(.token("1")), issuer: issuer.name, with: issuer.key, at: now)
        let rules = AccessTokenRules(issuer: issuer.name, audiences: [SecurityEventToken.audience(of: issuer.name)])
        #expect(throws: TokenError.wrongType) { try rules.verify(Secret(event), with: issuer.keySet, now: now) }

        let access = try issuer.token(at: now).reveal { String($0) }
        #expect(throws: TokenError.wrongType) { try read(access) }
    }

    /// A change to a good event's claims, and what the reader says to it.
    struct Change: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let error: TokenError?
        let change: @Sendable (inout JSONObject) -> Void

        init(_ name: String, _ error: TokenError?, _ change: @escaping @Sendable (inout JSONObject) -> Void) {
            testDescription = name
            self.error = error
            self.change = change
        }
    }

    @Test(
        "what is not the issuer's event is refused, SET-5",
        arguments: [
            Change("another issuer", .wrongIssuer) { $0["iss"] = "https://evil.example" },
            Change("another audience", .wrongAudience) { $0["aud"] = "https://id.example.com" },
            Change("no audience", .wrongAudience) { $0["aud"] = nil },
            Change("no issuer", .malformed) { $0["iss"] = nil },
            Change("an expiry", .malformed) { $0["exp"] = 1_800_000_000 },
            Change("a subject of its own", .malformed) { $0["sub"] = "ada" },
            Change("no jti", .malformed) { $0["jti"] = nil },
            Change("no events", .malformed) { $0["events"] = nil },
            Change("an empty set of events", .malformed) { $0["events"] = .object(JSONObject()) },
            Change("two events", .malformed) { claims in
                var events = claims["events"]?.object ?? JSONObject()
                events["https://id.example.com/events/client-revoked"] = events.members.first?.value
                claims["events"] = .object(events)
            },
            Change("no subject", .malformed) { $0["sub_id"] = nil },
            Change("a moment of forgetting that is text", .malformed) { Self.body(&$0) { $0["forget_at"] = "never" } },
            Change("a moment that is text", .malformed) { Self.body(&$0) { $0["event_timestamp"] = "now" } },
        ])
    func refused(_ change: Change) throws {
        let text = try changed(.of(.token("1")), change)
        let error = try #require(change.error)

        #expect(throws: error) { try read(text) }
    }

    @Test(
        "a genuine event of which we understand nothing is ignored, SET-4",
        arguments: [
            Change("a type of tomorrow", nil) { claims in
                claims["events"] = ["https://id.example.com/events/moved": .object(JSONObject())]
            },
            Change("a format of another kind", nil) { $0["sub_id"] = ["format": "email", "email": "ada@example.com"] },
            Change("a token of another issuer", nil) {
                $0["sub_id"] = ["format": "jwt_id", "iss": "https://else.example", "jti": "1"]
            },
        ])
    func ignored(_ change: Change) throws {
        #expect(try read(changed(.of(.token("1")), change)) == nil)
    }

    @Test("a revocation is not lost for want of what CAEP leaves out, or for a word that is new")
    func lenient() throws {
        let text = try changed(
            .of(.token("1")),
            Change("", nil) { claims in
                Self.body(&claims) {
                    $0["initiating_entity"] = "robot"
                    $0["event_timestamp"] = nil
                    $0["reason_admin"] = nil
                    $0["forget_at"] = nil
                }
            })

        let read = try #require(try read(text))
        #expect(read.subject == .token("1"))
        #expect(read.at == now)
        #expect(read.initiator == .system)
        #expect(read.forgetAt == nil)
    }

    @Test("a forged or unknown signature is told from one another")
    func signature() throws {
        let text = try SecurityEventToken.sign(.of(.token("1")), issuer: issuer.name, with: TestIssuer(seed: 2).key, at: now)
        #expect(throws: TokenError.unknownKey) { try read(text) }

        let good = try SecurityEventToken.sign(.of(.token("1")), issuer: issuer.name, with: issuer.key, at: now).split(
            separator: ".")
        let other = try SecurityEventToken.sign(.of(.token("2")), issuer: issuer.name, with: issuer.key, at: now).split(
            separator: ".")
        #expect(throws: TokenError.badSignature) { try read([good[0], other[1], good[2]].joined(separator: ".")) }
    }

    private func read(_ text: String) throws(TokenError) -> Revocation? {
        try SecurityEventToken.read(text, issuer: issuer.name, keys: issuer.keySet)
    }

    private func changed(_ revocation: Revocation, _ change: Change) throws -> String {
        let text = try SecurityEventToken.sign(revocation, issuer: issuer.name, with: issuer.key, at: now)
        var claims = try #require(try JSONValue(parsing: CompactJWS(parsing: text.utf8).payload).object)
        change.change(&claims)
        return try CompactJWS.sign(claims, type: "secevent+jwt", with: issuer.key).reveal { String($0) }
    }

    private static func body(_ claims: inout JSONObject, _ change: (inout JSONObject) -> Void) {
        guard let event = claims["events"]?.object?.members.first, var body = event.value.object else { return }
        change(&body)
        claims["events"] = .object(JSONObject([.init(name: event.name, value: .object(body))]))
    }
}

extension Revocation {
    /// A revocation by its user.
    fileprivate static func of(_ subject: RevokedSubject) -> Revocation {
        Revocation(
            id: .random(seededRandomBytes(1)), subject: subject, at: .sometime, initiator: .user, reason: "signed_out",
            forgetAt: UnixTime.sometime.advanced(by: memory))
    }
}
