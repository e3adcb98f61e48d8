import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("Revocations while servers die")
    struct RevocationThroughKillsTests {
        private static let seed: UInt64 = 20_262
        private static let deaths = 8
        /// What is promised when nothing goes wrong.
        private static let limit = Duration.seconds(1)
        /// A dead server comes back within two seconds, and its readers within the pauses that they make.
        private static let limitAroundDeaths = Duration.seconds(15)

        @Test(
            "each reaches each of three APIs, within a second when nobody dies, and through kill -9 of either side none is missed"
        )
        func reaches() async throws {
            var generator = SplitMix64(seed: Self.seed)
            try await Installation.make { signet in
                let (credential, devices) = try await signedIn(70, at: signet)
                try await Supervised.run {
                    ready in
                    try await signet.serve { try await ready($0) }
                } while: { server in
                    try await withAPIs(3, of: signet, as: credential) { apis in
                        let signOut = SignOut(signet: signet, apis: apis.map(\.notes))
                        // Now each API follows.
                        _ = try await signOut(devices[0])
                        let quiet = try await oneByOne(devices[1..<26], signOut)
                        let stormy = try await amongDeaths(
                            devices[26..<56], of: [server] + apis.map(\.process), signOut, &generator)
                        _ = try await signOut(devices[56])
                        let again = try await oneByOne(devices[57..<62], signOut)

                        report("Nobody dies", quiet + again)
                        report("Around a kill -9", stormy)
                        #expect(quiet.count + again.count == 90)
                        #expect(stormy.count == 90)
                        #expect((quiet + again).allSatisfy { $0 < Self.limit }, "seed \(Self.seed)")
                        #expect(stormy.allSatisfy { $0 < Self.limitAroundDeaths }, "seed \(Self.seed)")
                        let lives = [server.lives] + apis.map(\.process.lives)
                        #expect(lives.reduce(0, +) == 4 + Self.deaths)
                        for api in apis {
                            for device in devices[..<62] { #expect(try await api.notes.status(device.accessToken) == 401) }
                            for device in devices[62...] { #expect(try await api.notes.status(device.accessToken) == 200) }
                        }
                    }
                }
            }
        }

        private func signedIn(_ count: Int, at signet: Installation) async throws -> (ClientWithSecret, [IssuedTokens]) {
            try await signet.serve { _ in
                try await signet.addUser()
                let app = try await Notes.addApp("App", at: signet)
                var devices: [IssuedTokens] = []
                for _ in 0..<count { devices.append(try await signet.signIn(client: app)) }
                return (try await Notes.register(at: signet), devices)
            }
        }

        private func oneByOne(_ devices: ArraySlice<IssuedTokens>, _ signOut: SignOut) async throws -> [Duration] {
            var times: [Duration] = []
            for device in devices { times += try await signOut(device) }
            return times
        }

        /// Signs a device out every few hundred milliseconds, whatever has become of the one before, and kills at random moments.
        private func amongDeaths(
            _ devices: ArraySlice<IssuedTokens>, of processes: [Supervised], _ signOut: SignOut, _ generator: inout SplitMix64
        ) async throws -> [Duration] {
            try await withThrowingTaskGroup(of: [Duration].self) { group in
                let deadly = Set(devices.indices.shuffled(using: &generator).prefix(Self.deaths))
                var victims: [Supervised] = []
                for device in devices.indices {
                    let isDeadly = deadly.contains(device)
                    let (before, after) = (generator.below(300), generator.below(60))
                    try await Task.sleep(for: .milliseconds(before))
                    group.addTask { try await signOut(devices[device], every: .milliseconds(50)) }
                    guard isDeadly else { continue }
                    // Before the request arrives, between its commit and its answer, or while the APIs are told.
                    try await Task.sleep(for: .milliseconds(after))
                    if victims.isEmpty { victims = (processes + processes.prefix(1)).shuffled(using: &generator) }
                    try await victims.removeLast().killOnceAlive()
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        private struct API {
            let notes: Notes
            let process: Supervised
        }

        private func withAPIs(
            _ count: Int, of signet: Installation, as credential: ClientWithSecret, beside apis: [API] = [],
            _ body: ([API]) async throws -> Void
        ) async throws {
            guard apis.count < count else { return try await body(apis) }
            let (name, port) = ("notes-\(apis.count)", try FreePort.choose())
            try await Supervised.run { ready in
                try await Notes.run(name, of: signet, as: credential, port: port) { _, process in try await ready(process) }
            } while: { process in
                let api = API(notes: Notes(http: RawHTTP(port: port)), process: process)
                try await withAPIs(count, of: signet, as: credential, beside: apis + [api], body)
            }
        }

        private func report(_ what: String, _ times: [Duration]) {
            let sorted = times.sorted()
            func after(_ share: Double) -> Int { Int(sorted[Int(Double(sorted.count - 1) * share)] / .milliseconds(1)) }
            print(
                "\(what): refused by an API after p50 \(after(0.5)) ms, p99 \(after(0.99)) ms, maximum \(after(1)) ms, of \(times.count)"
            )
        }
    }
}

/// Signs a device out, however often the server dies meanwhile.
private struct SignOut: Sendable {
    let signet: Installation
    let apis: [Notes]

    /// How long after the server's answer each API refused the device's access token.
    func callAsFunction(_ device: IssuedTokens, every pause: Duration = .milliseconds(5)) async throws -> [Duration] {
        // Where the first answer was lost, the second says that the session has ended.
        let isSignedOut = try await eventually(within: .seconds(20)) {
            let answer = try? await signet.http(
                "DELETE", "/v1/sessions/\(device.sessionID)", headers: [device.authorization])
            return answer?.status == 204 || answer?.status == 401
        }
        #expect(isSignedOut)
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Duration.self) { group in
            for api in apis {
                group.addTask {
                    // A dead API refuses nothing.
                    let isRefused = try await eventually(within: .seconds(20), every: pause) {
                        (try? await api.status(device.accessToken)) == 401
                    }
                    #expect(isRefused)
                    return ContinuousClock.now - start
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
