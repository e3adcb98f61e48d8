import SignetTokens
import Testing

extension Story {
    @Suite("What a revocation ends, and what it leaves alone")
    struct RevocationMatrixTests {
        private static let limit = Duration.seconds(1)

        @Test(
            "Signet's own doors know it at once, an API that follows the feed within a second, and nobody else is harmed (REV-7)",
            arguments: RevocationCause.all)
        func holds(cause: RevocationCause) async throws {
            try await expectInTime(Self.limit) { try await timeUntilRefused(after: cause) }
        }

        /// Lets the cause happen, checks every door, and says how long the API took to refuse what it must.
        private func timeUntilRefused(after cause: RevocationCause) async throws -> Duration {
            try await RevocationScene.run { scene in
                for device in scene.devices { try await expectGood(device.accessTokens, scene) }

                try await cause.happen(&scene)

                let happenedAt = ContinuousClock.now
                let fates = Array(zip(scene.devices, [cause.device, cause.otherDevice, cause.otherPerson]))
                let refused = fates.flatMap { device, fate in fate.refused(of: device) }
                // The first time that each door is asked.
                for token in refused { #expect(try await scene.openDoors(to: token) == [false, false, false]) }
                let time = try await expectRefusedByAPI(refused, scene, since: happenedAt, cause)
                for (device, fate) in fates {
                    try await expectGood(device.accessTokens.filter { !refused.contains($0) }, scene)
                    try await expectRenewal(of: device, fate, scene)
                }
                return time
            }
        }

        private func expectRefusedByAPI(
            _ tokens: [String], _ scene: RevocationScene, since happenedAt: ContinuousClock.Instant, _ cause: RevocationCause
        ) async throws -> Duration {
            guard !tokens.isEmpty else { return .zero }
            let isRefused = try await eventually {
                for token in tokens where try await scene.notes.status(token) != 401 { return false }
                return true
            }
            let time = ContinuousClock.now - happenedAt
            print("\(cause.testDescription): refused by the API after \(Int(time / .milliseconds(1))) ms at most")
            #expect(isRefused)
            return time
        }

        private func expectRenewal(
            of device: RevocationScene.Device, _ fate: RevocationCause.Fate, _ scene: RevocationScene
        ) async throws {
            let renewal = try await device.tryRenewing(at: scene.signet)
            if case .isOver(let reason) = fate {
                #expect(renewal.status == 400)
                #expect(renewal[member: "error"] == "invalid_grant")
                #expect(renewal[member: "reason"] == reason)
            } else {
                try #require(renewal.status == 200, "\(renewal.text)")
                try await expectGood([renewal.json(IssuedTokens.self).accessToken], scene)
            }
        }

        private func expectGood(_ accessTokens: [String], _ scene: RevocationScene) async throws {
            for token in accessTokens {
                #expect(try await scene.openDoors(to: token) == [true, true, true])
                #expect(try await scene.notes.status(token) == 200)
            }
        }
    }
}

extension RevocationCause.Fate {
    /// The access tokens that are refused from then on.
    fileprivate func refused(of device: RevocationScene.Device) -> [String] {
        switch self {
        case .unharmed: []
        case .losesToken: [device.accessToken]
        case .losesTokens, .isOver: device.accessTokens
        }
    }
}
