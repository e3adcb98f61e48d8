import SignetTestKit
import SignetTokens

/// One history: a device, perhaps thieves, a network that loses, delays and repeats, and a server to which everything happens.
struct RandomHistory {
    /// What is on its way.
    enum Letter {
        case request(ModelRequest)
        case answer(ModelAnswer, to: ModelRequest)
    }

    let seed: UInt64
    /// Whether copies of requests may arrive even after the next renewal, which DESIGN.md's first property excludes.
    let copiesComeLate: Bool
    /// Whether no answer is lost or outlives the window: then even processes that share no keys must come through.
    let isCalm: Bool
    let restores: Bool

    var random: SplitMix64
    var server: ModelServer
    var owner: ModelOwner
    var thieves: [ModelThief] = []
    /// Whether a thief's request ever reached the server: the owner may be signed out then, and should be.
    var thiefWasServed = false
    /// A keyless device was signed out although it repeated its renewal inside the window.
    var wasSignedOutInsideWindow = false
    var story: [String]?

    private let robberies: Int
    private var network: [Letter] = []

    init(seed: UInt64, table: @escaping RotationTable, session: FreshSession, isReal: Bool, isTold: Bool = false) {
        self.seed = seed
        var random = SplitMix64(seed: seed)
        copiesComeLate = random.happens(onceIn: 8)
        isCalm = random.happens(onceIn: 3)
        restores = random.happens(onceIn: 3)
        robberies = random.below(3)
        let windows: [Duration] = [.seconds(60), .seconds(60), .seconds(5), .zero]
        let policy = RenewalPolicy(
            rotates: !random.happens(onceIn: 24), window: windows[random.below(windows.count)], idleLifetime: nil,
            absoluteLifetime: nil
        )
        let mint = ModelMint(isReal: isReal, session: session)
        let first = mint.first(&random)
        let kinds: [ModelOwner.Kind] = [.keyed, .keyed, .keyed, .keyed, .ownKeys, .keyless, .keyless, .constantKey]
        owner = ModelOwner(
            kinds[random.below(kinds.count)], processes: 1 + random.below(4), token: first, &random)
        server = ModelServer(policy: policy, table: table, mint: mint, first: first, session: session)
        self.random = random
        story = isTold ? [] : nil
    }

    /// Lives the history to its end and says which property did not hold, if one did not.
    mutating func violation() -> String? {
        tell {
            "\($0.owner.kind), \($0.owner.processes) processes, \($0.server.policy), calm \($0.isCalm), late copies \($0.copiesComeLate)"
        }
        let steps = 6 + random.below(20)
        for _ in 0..<steps {
            step()
            if let fault = server.fault { return fault }
        }
        return settledViolation()
    }

    private mutating func step() {
        switch random.below(100) {
        case ..<46: ownerRenews()
        case ..<58: deliver()
        case ..<69: clockMoves()
        case ..<71: if !isCalm { _ = network.popLast() }
        case ..<74: server.isDown.toggle()
        case ..<78: server.rotateRefreshKey()
        case ..<81: server.backUp()
        case ..<87: if restores { restore() }
        case ..<89: if server.recovery == .undecided { server.decideRecovery(&random) }
        case ..<93: robbery()
        default: thievesRenew { $0.style != .alternating }
        }
    }

    private mutating func ownerRenews() {
        guard !owner.isSignedOut else { return }
        let request = owner.request(from: random.below(owner.processes), &random)
        switch random.below(20) {
        case ..<10: receive(serve(request), to: request)
        case ..<12:
            // Delayed: it may arrive before the next renewal, or never.
            network.append(.request(request))
        case ..<14:
            // Sent twice by something in between.
            network.append(.request(request))
            receive(serve(request), to: request)
        case ..<16: network.append(.answer(serve(request), to: request))
        case ..<18:
            // The answer is lost, or the process dies between receiving and storing.
            if isCalm { receive(serve(request), to: request) } else { _ = serve(request) }
        default: tell { _ in "request of generation \(request.token.generation) is lost" }
        }
        thievesRenew { $0.style == .alternating }
    }

    private mutating func deliver() {
        guard !network.isEmpty else { return }
        switch network.remove(at: random.below(network.count)) {
        case .request(let request): receive(serve(request), to: request)
        case .answer(let answer, let request): receive(answer, to: request)
        }
    }

    private mutating func clockMoves() {
        while isCalm, !network.isEmpty { deliver() }
        let window = server.policy.window.wholeMilliseconds + 1000
        let span = Int64(random.below(Int(window)))
        switch random.below(4) {
        case 0: server.moveClock(by: span)
        case 1: server.letWindowPass()
        case 2: server.moveClock(by: window + span)
        default: server.moveClock(by: -span * 2)
        }
        tell { "the clock shows \($0.server.now.milliseconds)" }
    }

    private mutating func restore() {
        while isCalm, !network.isEmpty { deliver() }
        guard server.restore(&random) else { return }
        // A server that is being restored is not running: what was on its way to it, and from it, is gone.
        network.removeAll()
        if !random.happens(onceIn: 3) { server.decideRecovery(&random) }
        tell { "restored to generation \($0.server.row.generation), \($0.server.recovery)" }
    }

    private mutating func robbery() {
        guard thieves.count < robberies, !owner.isSignedOut else { return }
        thieves.append(ModelThief(copying: owner, &random))
        tell { "a thief copies generation \($0.owner.token.generation)" }
    }

    private mutating func thievesRenew(_ isDue: (ModelThief) -> Bool) {
        for index in thieves.indices where isDue(thieves[index]) {
            // Patience is to let most chances pass.
            if thieves[index].style == .patient, !random.happens(onceIn: 4) { continue }
            _ = thiefRenews(index)
        }
    }
}

extension RandomHistory {
    mutating func thiefRenews(_ index: Int) -> ModelAnswer? {
        guard !thieves[index].isCaught else { return nil }
        let request = thieves[index].request(number: index, &random)
        if !server.isDown { thiefWasServed = true }
        let answer = serve(request)
        thieves[index].receive(answer)
        return answer
    }

    mutating func serve(_ request: ModelRequest) -> ModelAnswer {
        let generation = server.row.generation
        let answer = server.answer(request, commitIsUncertain: random.happens(onceIn: 16))
        if let revocation = server.lastRevocation, case .owner = request.sender, !thiefWasServed, !revocation.wasLate {
            wasSignedOutInsideWindow = true
        }
        // Tabs without keys have the window alone to save them, and it must.
        if server.row.generation != generation, !copiesComeLate, owner.kind != .keyless {
            dropCopies(before: request.token.generation)
        }
        tell { _ in "\(request.sender) presents generation \(request.token.generation), key \(request.key != nil): \(answer.word)"
        }
        return answer
    }

    mutating func receive(_ answer: ModelAnswer, to request: ModelRequest) {
        owner.receive(answer, to: request)
    }

    mutating func tell(_ line: (Self) -> String) {
        guard story != nil else { return }
        let text = line(self)
        story?.append(text)
    }

    /// The next renewal has come: copies of requests for the tokens before it are late, and past their deadline.
    private mutating func dropCopies(before generation: UInt32) {
        network.removeAll { if case .request(let copy) = $0 { copy.token.generation < generation } else { false } }
    }

    /// What is still on its way arrives, in any order.
    mutating func emptyNetwork() {
        while !network.isEmpty { deliver() }
    }
}

extension ModelAnswer {
    /// The answer in a story.
    var word: String {
        switch self {
        case .token(let token): "token of generation \(token.generation)"
        case .comeAgain: "503"
        case .staleKey: "invalid_request"
        case .signedOut: "invalid_grant"
        }
    }
}
