import SignetSessions
import SignetTokens
import Testing

extension SessionStoreContract {
    /// What has ended is written down, for verifiers far away.
    static let revocationLog: [SessionStoreContract] = [
        Self("every way in which a session ends writes exactly one entry, and a session that lives on none") { trial in
            let user = try await trial.begin()
            let bystander = try await trial.device(of: trial.user("Bob"))
            let ways: [(SessionEnd, (StoreTrial, Device) async throws -> Void)] = [
                (.signedOut, { trial, device in _ = try await trial.revoke(device) }),
                (
                    .revokedByUser,
                    { trial, device in
                        _ = try await trial.store.revokeSessions(
                            UserRevocation(userID: device.user, ending: .revokedByUser, actor: .user, origin: .fixture))
                    }
                ),
                (
                    .reused,
                    { trial, device in
                        for token in [device.token(0), device.token(1), device.token(0)] {
                            try await trial.rotate(token, keyed: .fresh)
                        }
                    }
                ),
                (
                    .passwordChanged,
                    { trial, device in
                        try await trial.store.setPassword(.fixture(), of: device.user, keeping: nil, by: .user)
                    }
                ),
                (
                    .replaced,
                    { trial, device in
                        let next = try await trial.device(of: user, replaces: device.session)
                        _ = try await trial.revoke(next)
                    }
                ),
                (.userDisabled, { trial, device in try await trial.store.setDisabled(true, user: device.user, by: .admin) }),
            ]
            for (ending, end) in ways {
                let before = try await trial.store.endOfRevocations()
                let device = try await trial.device(of: user)

                try await end(trial, device)

                let entries = try await trial.store.revocations(after: before, limit: 10).entries.map(\.revocation)
                    .filter { $0.subject == .session(device.session) }
                #expect(entries.count == 1, "\(ending)")
                #expect(entries.first?.userID == user.id)
                #expect(entries.first?.reason == ending.rawValue)
                #expect(entries.first?.at == trial.clock.now)
                #expect(entries.first?.forgetAt == trial.clock.now.advanced(by: .seconds(3900)))
                // Once more changes nothing.
                _ = try await trial.revoke(device)
                let again = try await trial.log().filter { $0.subject == .session(device.session) }
                #expect(again.count == 1, "\(ending)")
            }
            #expect(try await !trial.log().contains { $0.subject == .session(bystander.session) })
        },
        Self("all sessions of a user that end in one step are an entry each") { trial in
            let user = try await trial.begin()
            let devices = [try await trial.device(of: user), try await trial.device(of: user), try await trial.device(of: user)]

            _ = try await trial.store.revokeSessions(
                UserRevocation(
                    userID: user.id, keeping: devices[1].session, ending: .revokedByUser, actor: .user, origin: .fixture))

            let subjects = try await trial.log().map(\.subject)
            #expect(subjects.count == 2)
            #expect(Set(subjects) == [.session(devices[0].session), .session(devices[2].session)])
        },
        Self("a removed client is one entry, however many sessions it had") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            try await trial.store.addClient(.fixture(app))
            for _ in 0..<3 { _ = try await trial.device(of: user, client: app) }

            try await trial.store.removeClient(app, by: .admin)
            await #expect(throws: ClientRefusal.unknownClient) { try await trial.store.removeClient(app, by: .admin) }

            let entries = try await trial.log()
            #expect(entries.map(\.subject) == [.client("notes-app")])
            #expect(entries.first?.initiator == .admin)
            #expect(entries.first?.reason == "client_removed")
        },
        Self("a revoked token is one entry until its expiry and the largest leeway, and its session lives on") { trial in
            let device = try await trial.device(of: trial.begin())
            let token = trial.accessToken(of: device, "token-1")

            #expect(try await trial.revoke(token))
            #expect(try await !trial.revoke(token))

            #expect(try await trial.store.isTokenRevoked("token-1", keyID: "key-1"))
            #expect(try await !trial.store.isTokenRevoked("token-2", keyID: "token-1"))
            let entries = try await trial.log()
            #expect(entries.map(\.subject) == [.token("token-1")])
            #expect(entries.first?.forgetAt == token.expiresAt.advanced(by: .seconds(300)))
            #expect(try await trial.standing(of: device)?.ending == nil)
            #expect(try await trial.events().last == .tokenRevoked)
        },
        Self("a token that has expired is nothing to revoke") { trial in
            let token = trial.accessToken(of: try await trial.device(of: trial.begin()), "token-1")
            trial.clock.advance(by: .seconds(300))

            #expect(try await !trial.revoke(token))

            #expect(try await trial.log().isEmpty)
            #expect(try await !trial.store.isTokenRevoked("token-1", keyID: "key-1"))
        },
        Self("positions follow the order of commits, and each entry comes exactly once, page by page") { trial in
            let user = try await trial.begin()
            let start = try await trial.store.endOfRevocations()
            var ended: [RevokedSubject] = []
            for _ in 0..<5 {
                let device = try await trial.device(of: user)
                _ = try await trial.revoke(device)
                ended.append(.session(device.session))
            }

            var (position, read, pages): (FeedPosition, [LoggedRevocation], [Bool]) = (start, [], [])
            repeat {
                let page = try await trial.store.revocations(after: position, limit: 2)
                #expect(!page.isSnapshot)
                read += page.entries
                pages.append(page.hasMore)
                position = page.position
            } while pages.last == true && pages.count < 9

            #expect(read.map(\.revocation.subject) == ended)
            #expect(pages == [true, true, false])
            #expect(Set(read.map(\.position)).count == 5)
            #expect(read.map { $0.position.numbers[0] } == read.map { $0.position.numbers[0] }.sorted())
            #expect(Set(read.map(\.revocation.id)).count == 5)
            #expect(try await position == trial.store.endOfRevocations())
            #expect(try await trial.store.revocations(after: position, limit: 2).entries.isEmpty)
            for entry in read {
                // Every entry's own position is a place to go on from.
                let rest = try await trial.store.revocations(after: entry.position, limit: 9).entries
                #expect(rest == Array(read.drop { $0.position != entry.position }.dropFirst()))
            }
        },
        Self("whoever knows nothing, or comes from another log or from the future, gets a snapshot") { trial in
            let device = try await trial.device(of: trial.begin())
            _ = try await trial.revoke(device)
            let end = try await trial.store.endOfRevocations()
            let strangers: [FeedPosition?] = [
                nil, FeedPosition(epoch: "another", numbers: end.numbers),
                FeedPosition(epoch: end.epoch, numbers: end.numbers.map { $0 + 1 }),
                FeedPosition(epoch: end.epoch, numbers: end.numbers + [0]), FeedPosition(epoch: end.epoch, numbers: []),
            ]

            for stranger in strangers {
                let page = try await trial.store.revocations(after: stranger, limit: 10)
                #expect(page.isSnapshot)
                #expect(page.entries.map(\.revocation.subject) == [.session(device.session)])
                #expect(page.position == end)
            }
            #expect(FeedPosition(end.description) == end)
            #expect(try await !trial.store.revocations(after: end, limit: 10).isSnapshot)
        },
        Self("what may be forgotten is left out, from the very moment, and the position still counts it") { trial in
            let user = try await trial.begin()
            let device = try await trial.device(of: user)
            let token = trial.accessToken(of: device, "token-1")
            _ = try await trial.revoke(token)
            _ = try await trial.revoke(device)
            let end = try await trial.store.endOfRevocations()

            trial.clock.advance(by: .milliseconds(599_999))
            #expect(try await trial.log().count == 2)
            trial.clock.advance(by: .milliseconds(1))
            #expect(try await trial.log().map(\.subject) == [.session(device.session)])
            trial.clock.advance(by: .seconds(3300))

            let page = try await trial.store.revocations(after: nil, limit: 10)
            #expect(page.entries.isEmpty)
            #expect(page.position == end)
        },
        Self("a confidential client's session ends only for a client that has proved who it is") { trial in
            let user = try await trial.begin()
            let app = try ClientID.fixture("notes-app")
            let client = Client(
                id: app, name: "Notes", isFirstParty: true, isConfidential: true, grants: [.passwordSignIn, .refreshToken],
                scope: "account", defaultScope: "account", createdAt: trial.clock.now)
            try await trial.store.addClient(client, secret: ClientSecret.random(systemRandomBytes).hash)
            let device = try await trial.device(of: user, client: app)
            let unproved = SessionRevocation(
                sessionID: device.session, userID: user.id, clientID: app, isAuthenticated: false, ending: .signedOut,
                actor: .user, origin: .fixture)

            #expect(try await trial.store.revokeSession(unproved) == .unauthenticated)
            #expect(try await trial.log().isEmpty)
            #expect(try await trial.revoke(device, client: app) == .revoked)
            #expect(try await trial.log().count == 1)
        },
    ]
}

extension StoreTrial {
    /// The live entries.
    func log() async throws -> [Revocation] {
        try await store.revocations(after: nil, limit: 1000).entries.map(\.revocation)
    }

    /// An access token of a session, five minutes long.
    fileprivate func accessToken(of device: Device, _ id: String) -> AccessToken {
        AccessToken(
            issuer: Self.issuer, subject: device.user.description, audience: [Self.issuer], clientID: "signet",
            issuedAt: clock.now, expiresAt: clock.now.advanced(by: .seconds(300)), tokenID: id, sessionID: device.session)
    }

    fileprivate func revoke(_ token: AccessToken) async throws -> Bool {
        try await store.revokeToken(TokenRevocation(token: token, actor: .user, origin: .fixture))
    }
}
