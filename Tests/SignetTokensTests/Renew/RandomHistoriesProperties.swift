import SignetTestKit
import SignetTokens

/// After the last fault: everybody who still has a token renews in turns, and DESIGN.md's properties must hold.
extension RandomHistory {
    /// How it went with somebody's renewal when nothing stood in its way.
    private enum Fate: Equatable { case alive, waiting, behind, refused, dead }

    mutating func settledViolation() -> String? {
        server.isDown = false
        emptyNetwork()
        if restores, server.recovery == .undecided, !random.happens(onceIn: 4) { server.decideRecovery(&random) }

        // Keyless ones may live side by side inside the window: that is what the window is.
        let thievesUseKeys = !thieves.isEmpty && thieves.allSatisfy(\.hasKeys)
        let windowsPass = random.happens(onceIn: 2) || (owner.kind == .keyless && !thievesUseKeys)
        tell { _ in "now everything settles; windows pass: \(windowsPass)" }

        var ownersFate = Fate.dead
        var thievesFates: [Fate] = []
        // After a restore a thief may have as many generations to catch up with before it meets the owner.
        let distance = Int(owner.token.generation) - Int(server.row.generation)
        for round in 0..<(6 + max(0, distance)) {
            // Each process in turn, for each must have adopted what another one won.
            let process = round % owner.processes
            let ownerFirst = random.happens(onceIn: 2)
            if ownerFirst { ownersFate = ownerSettles(process: process, windowsPass: windowsPass) }
            thievesFates = thieves.indices.map { thiefSettles($0, windowsPass: windowsPass) }
            if !ownerFirst { ownersFate = ownerSettles(process: process, windowsPass: windowsPass) }
        }
        return server.fault ?? violation(owner: ownersFate, thieves: thievesFates, windowsPass: windowsPass)
    }

    private func violation(owner fate: Fate, thieves fates: [Fate], windowsPass: Bool) -> String? {
        if server.policy.rotates, fate == .alive, fates.contains(.alive) { return "thief and owner both live on" }
        if wasSignedOutInsideWindow, owner.kind == .keyless, !copiesComeLate {
            return "a keyless device was signed out by a repeat inside the window"
        }
        if windowsPass, fate == .waiting || (fates.contains(.waiting) && fate == .dead) {
            return "somebody is left waiting for ever"
        }
        return honestViolation(fate)
    }

    /// What an honest device is promised when no thief was served, no copy came late and no operator gave its tokens up.
    private func honestViolation(_ fate: Fate) -> String? {
        guard !thiefWasServed, !copiesComeLate, !server.hasDeclined else { return nil }
        switch owner.kind {
        case .keyless, .constantKey: return nil
        // Without shared keys a lost answer is lost; a race alone must do no harm while there is a window.
        case .ownKeys: guard isCalm, server.policy.window > .zero else { return nil }
        case .keyed: break
        }
        if owner.isSignedOut { return "an honest keyed device was signed out" }
        guard fate == .alive else { return fate == .behind ? nil : "an honest keyed device cannot renew" }
        return owner.token.hash == server.row.current ? nil : "an honest keyed device did not adopt the live token"
    }

    private mutating func ownerSettles(process: Int, windowsPass: Bool) -> Fate {
        guard !owner.isSignedOut else { return .dead }
        return settle(owner.token, windowsPass: windowsPass) { history in
            let request = history.owner.request(from: process, &history.random)
            let answer = history.serve(request)
            history.receive(answer, to: request)
            return answer
        }
    }

    private mutating func thiefSettles(_ index: Int, windowsPass: Bool) -> Fate {
        settle(thieves[index].token, windowsPass: windowsPass) { $0.thiefRenews(index) }
    }

    private mutating func settle(_ token: ModelToken, windowsPass: Bool, _ renew: (inout Self) -> ModelAnswer?) -> Fate {
        // Twice: whoever was told to come again comes again.
        for _ in 0..<2 {
            if windowsPass { server.letWindowPass() }
            switch renew(&self) {
            case .token: return .alive
            case .comeAgain: continue
            case .staleKey: return .refused
            case .signedOut, nil: return .dead
            }
        }
        return server.isBehind(token) ? .behind : .waiting
    }
}
