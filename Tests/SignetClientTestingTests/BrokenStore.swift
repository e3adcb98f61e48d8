import SignetClient
import SignetClientTesting
import SignetTokens
import Synchronization

/// What is wrong with a ``BrokenStore``, by the promise that it breaks: one for each.
enum Flaw: String, CaseIterable {
    case failsToClearNothing = "nothing stored is `nil` and no error, and can be cleared"
    case losesTheKey = "what was written is read back whole, with the idempotency key of the renewal under way"
    case keepsTheOldKey = "what a session does not have is not there when it is read: no device name, no key of either kind"
    case cutsAtZero = "a long access token, with any character in it, is read back as it was"
    case cutsBigSessions = "a session too big for the store is refused when it is written, and the one before it stays"
    case writesOverTheOldBytes = "a shorter session leaves nothing of the longer one before it"
    case isEmptyForGood = "what was cleared is gone, and can be written anew"
    case showsWhatItHolds = "no description of store, session or lock shows a secret"
    case remembersWhatItRead = "each instance sees what another has written and cleared, and so does one that is opened later"
    case removesBeforeItReplaces = "while one instance replaces the session, another finds the old one or the new one, whole"
    case readsStepByStep = "while one instance clears and writes, another finds nothing or the session, whole"
    case writesByAnotherHand =
        "many who write at once, even without the lock, leave one of their sessions, whole, and none of them fails"
    case readsNothingWhenCancelled =
        "whoever reads in a cancelled task gets the session or an error, and never `nobody is signed in`"
    case stopsHalfWay = "whoever writes in a cancelled task leaves the old session or the new one, whole"
    case takesDamageForNothing = "what cannot be read is an error of its own, and not `nobody is signed in`"
    case overwritesDamage = "what cannot be read is neither overwritten nor cleared, and is whole when it can be read again"
    case locksByInstance =
        "a lock that is held is refused at once, to its own instance and to any other, until it is released"
    case looksBeforeItLocks = "of many tasks that want the lock, one has it at a time, and each gets its turn"
    case losesPatience = "a lock is not taken from whoever holds it, however often others ask for it"
    case holdsOnToItsLock = "a lock ends with an error in what was done under it, for then nothing refers to it any more"
    case locksReadersOut = "whoever holds the lock can read, write and clear, and others can read meanwhile"
    case locksBeyondDeath = "a lock held by another process is refused, and ends when that process is killed"
}

/// A store that keeps every promise, but for its flaw.
final class BrokenStore: TokenStore, CustomStringConvertible {
    private let place: Place
    private let flaw: Flaw?
    private let memory = Mutex<StoredSession?>(nil)
    private let holdsLock = Mutex(false)

    init(_ place: Place, _ flaw: Flaw?) {
        self.place = place
        self.flaw = flaw
    }

    var description: String {
        flaw == .showsWhatItHolds ? String(decoding: place.with { $0.bytes ?? [] }, as: UTF8.self) : "a store"
    }

    func read() async throws(TokenStoreError) -> StoredSession? {
        if flaw == .readsNothingWhenCancelled, Task.isCancelled { return nil }
        if flaw == .remembersWhatItRead, let session = memory.withLock({ $0 }) { return session }
        if flaw == .locksReadersOut, place.with(\.isLocked), !holdsLock.withLock({ $0 }) { throw error(.locked) }
        if flaw == .readsStepByStep, place.with({ $0.bytes != nil }) {
            await place.wait { $0.bytes == nil }
            guard place.with({ $0.bytes != nil }) else { throw error(.unreadable) }
        }
        guard let bytes = place.bytesForReader() else { return nil }
        let session = StoredSession(json: Secret(bytes))
        guard session != nil || flaw == .takesDamageForNothing else { throw error(.damaged) }
        memory.withLock { $0 = session }
        return session
    }

    func write(_ session: StoredSession) async throws(TokenStoreError) {
        let old = flaw == .overwritesDamage ? nil : try await readForWriting()
        if flaw == .isEmptyForGood, place.with(\.wasCleared) { return }
        var session = session
        if flaw == .losesTheKey { session.idempotencyKey = nil }
        if flaw == .keepsTheOldKey, session.idempotencyKey == nil { session.idempotencyKey = old?.idempotencyKey }
        if flaw == .cutsAtZero {
            session.accessToken = Secret(session.accessToken.reveal { String($0.prefix { $0 != "\0" }) })
        }
        await put(session.json.reveal { copy $0 })
    }

    func clear() async throws(TokenStoreError) {
        let old = flaw == .overwritesDamage ? nil : try await readForWriting()
        if flaw == .failsToClearNothing, old == nil { throw error(.unwritable) }
        memory.withLock { $0 = nil }
        place.with {
            $0.bytes = nil
            $0.wasCleared = true
        }
    }

    func lock() async -> TokenStoreLock? {
        if flaw == .locksByInstance, holdsLock.withLock({ $0 }) { return TokenStoreLock {} }
        if flaw == .looksBeforeItLocks {
            guard !place.with(\.isLocked) else { return nil }
            await Task.yield()
            place.with { $0.isLocked = false }
        }
        let isRefused = place.with { place in
            defer { place.isLocked = true }
            place.refusals += place.isLocked ? 1 : 0
            return place.isLocked && !(flaw == .losesPatience && place.refusals > 2000)
        }
        guard !isRefused else { return nil }
        holdsLock.withLock { $0 = true }
        let lock = TokenStoreLock { [self] in
            holdsLock.withLock { $0 = false }
            place.with { $0.isLocked = false }
        }
        if flaw == .holdsOnToItsLock { place.with { $0.lock = lock } }
        return lock
    }

    /// Damage is an error here even for a store that takes it for nothing when it is asked.
    private func readForWriting() async throws(TokenStoreError) -> StoredSession? {
        guard let bytes = place.with(\.bytes) else { return nil }
        guard let session = StoredSession(json: Secret(bytes)) else { throw error(.damaged) }
        return session
    }

    private func put(_ bytes: [UInt8]) async {
        let (first, second) = (bytes.prefix(bytes.count / 2), bytes.suffix(bytes.count - bytes.count / 2))
        switch flaw {
        case .cutsBigSessions: place.with { $0.bytes = Array(bytes.prefix(500_000)) }
        case .writesOverTheOldBytes: place.with { $0.bytes = bytes + ($0.bytes ?? []).dropFirst(bytes.count) }
        case .stopsHalfWay where Task.isCancelled: place.with { $0.bytes = Array(first) }
        case .removesBeforeItReplaces:
            let readings = place.with {
                $0.bytes = nil
                return $0.readings
            }
            await place.wait { $0.readings > readings }
            place.with { $0.bytes = bytes }
        case .writesByAnotherHand:
            place.with { $0.draft = Array(first) }
            await place.wait { $0.draft.count != first.count }
            place.with { $0.bytes = $0.draft + second }
        default: place.with { $0.bytes = bytes }
        }
    }

    private func error(_ problem: TokenStoreError.Problem) -> TokenStoreError {
        TokenStoreError(problem, at: "a broken store")
    }
}

/// Where the instances of a broken store keep what they share.
final class Place: Sendable {
    struct Contents: Sendable {
        var bytes: [UInt8]?
        var draft: [UInt8] = []
        var readings = 0
        var wasCleared = false
        var isLocked = false
        var refusals = 0
        var lock: TokenStoreLock?
    }

    private let contents = Mutex(Contents())

    func with<Result>(_ body: (inout Contents) -> Result) -> Result {
        contents.withLock { body(&$0) }
    }

    /// The bytes, for one of those who may stand in a writer's way.
    func bytesForReader() -> [UInt8]? {
        with {
            $0.readings += 1
            return $0.bytes
        }
    }

    /// Keeps a flaw's weak moment open until somebody else has come upon it; in a promise of another kind nobody comes.
    func wait(until condition: @Sendable (Contents) -> Bool) async {
        for _ in 1...10_000 where !with({ condition($0) }) { await Task.yield() }
    }

    /// Everything that a promise may ask for, on a store with this flaw.
    func trial(_ flaw: Flaw?) -> TokenStoreTrial {
        TokenStoreTrial(
            damage: TokenStoreDamage(spoil: { self.flipBits() }, mend: { self.flipBits() }),
            holdElsewhere: { whileHeld in
                self.with { $0.isLocked = true }
                try await whileHeld()
                if flaw != .locksBeyondDeath { self.with { $0.isLocked = false } }
            },
            open: { BrokenStore(self, flaw) })
    }

    private func flipBits() {
        with { $0.bytes = $0.bytes?.map { ~$0 } }
    }
}
