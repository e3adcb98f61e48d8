import HTTPTypes
import Logging
import SignetTokens

/// Follows the issuer's revocation feed for as long as its service runs (API.md, "The feed"): connects, takes each signed event in,
/// and after whatever ends the connection comes back to where it was.
///
/// What the server says is only ever added to what is held. A position is given back when nothing can have been missed before it, and
/// otherwise a snapshot is asked for, which holds everything that still matters.
actor RevocationFeed {
    private struct KeysUnavailableNow: Error {}

    /// How many unknown keys are asked for during one connection: a feed that names more is not the issuer's.
    private static let unknownKeyLimit = 16
    /// The longest position that is given back, in bytes.
    private static let positionLimit = 4096

    private let issuer: String
    private let request: HTTPRequest
    private let streams: any StreamingTransport
    private let keys: KeySetCache
    private let live: LiveRevocations
    private let watch: FeedWatch
    private let verified: VerifiedTokens
    private let clock: any WallClock
    private let metrics: FeedMetrics
    private let logger: Logger

    /// Where to go on; `nil` asks for a snapshot.
    private var position: String?
    private var pauses: ReconnectPauses
    private var retry: Duration?
    /// How often a snapshot was asked for in a row because an event could not be verified.
    private var resyncs = 0
    private var connection = Connection(openedAt: UnixTime(milliseconds: 0), resumesAt: nil)

    init(
        issuer: String, url: KeyURL, credential: ResourceServerCredential?, streams: any StreamingTransport, keys: KeySetCache,
        live: LiveRevocations, watch: FeedWatch, verified: VerifiedTokens, clock: any WallClock,
        randomBytes: @escaping RandomBytes, metrics: FeedMetrics, logger: Logger
    ) {
        var request = url.request
        request.headerFields[.accept] = "text/event-stream"
        request.headerFields[.cacheControl] = "no-store"
        request.headerFields[.authorization] = credential?.authorization
        self.issuer = issuer
        self.request = request
        self.streams = streams
        self.keys = keys
        self.live = live
        self.watch = watch
        self.verified = verified
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        pauses = ReconnectPauses(randomBytes: randomBytes)
    }

    /// Follows the feed until the task is cancelled.
    func follow() async {
        watch.start(at: clock.now)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.stayConnected() }
            group.addTask { await self.announceSilence() }
        }
    }

    private func stayConnected() async {
        while !Task.isCancelled {
            let end = await connect()
            if Task.isCancelled { return }
            report(end)
            guard let pause = pauses.next(after: end, retry: retry) else { return }
            try? await clock.sleep(until: clock.now.advanced(by: pause), tolerance: nil)
        }
    }

    /// Says once when a silence begins, and keeps the gauges and the memory up to date meanwhile.
    private func announceSilence() async {
        while !Task.isCancelled {
            try? await clock.sleep(until: watch.nextLook(at: clock.now), tolerance: nil)
            if Task.isCancelled { return }
            live.prune(at: clock.now)
            record()
            guard let since = watch.silenceToAnnounce(at: clock.now) else { continue }
            logger.error("The revocation feed is silent", metadata: ["since": "\(since.rfc3339)"])
        }
    }

    private func connect() async -> FeedEnd {
        connection = Connection(openedAt: clock.now, resumesAt: position)
        return await withTaskGroup(of: FeedEnd.self) { group in
            group.addTask { await self.read() }
            group.addTask { await self.waitForSilence() }
            defer { group.cancelAll() }
            return await group.next() ?? .ended
        }
    }

    private func read() async -> FeedEnd {
        do {
            // Without a key no event could be read; and nothing is lost by asking for it first.
            _ = try await keys.keys()
            var request = request
            request.headerFields[.lastEventID] = connection.resumesAt
            let (response, body) = try await streams.open(request)
            guard response.status == .ok else { return refused(with: response.status) }
            guard Self.isEventStream(response) else { return .unreadable }

            var parser = EventStreamParser()
            for try await chunk in body {
                connection.heardAt = clock.now
                for event in try parser.events(in: chunk) { try await take(event) }
                retry = parser.retry ?? retry
                if connection.isLive { hear() }
            }
            return .ended
        } catch is EventStreamParser.TooLong {
            return .unreadable
        } catch is KeysUnavailable {
            return .keysUnavailable
        } catch is KeysUnavailableNow {
            return .keysUnavailable
        } catch {
            return .broken("\(type(of: error))")
        }
    }

    /// Cuts a connection that says nothing any more, or of which an event could not be verified a while ago.
    private func waitForSilence() async -> FeedEnd {
        while true {
            let cut = connection.heardAt.advanced(by: FeedWatch.silence)
            guard (try? await clock.sleep(until: min(cut, connection.resyncAt ?? cut), tolerance: nil)) != nil else {
                return .ended
            }
            let now = clock.now
            if let resyncAt = connection.resyncAt, now >= resyncAt {
                resyncs += 1
                return .incomplete
            }
            if now >= connection.heardAt.advanced(by: FeedWatch.silence) { return .silent }
        }
    }

    private func refused(with status: HTTPResponse.Status) -> FeedEnd {
        switch status.code {
        case 204: return .unwanted
        case 401, 403: return .refused(status: status.code)
        default:
            // A position that the server cannot read would be refused for ever.
            if status == .badRequest { position = nil }
            return .answered(status: status.code)
        }
    }

    private func take(_ event: ServerSentEvent) async throws {
        switch event.name {
        case "snapshot":
            connection.isSnapshot = true
            try await takeRevocation(event.data)
        case "revocation":
            try await takeRevocation(event.data)
            if connection.isInOrder { moveOn(to: event.lastID) }
        case "live":
            connection.isLive = true
            moveOn(to: event.lastID)
            await goLive()
        // What a later server may say besides.
        default: break
        }
    }

    private func takeRevocation(_ text: String) async throws {
        let revocation: Revocation?
        do {
            revocation = try await read(text)
        } catch let error as TokenError {
            return miss(because: error)
        }
        guard let revocation else { return metrics.count(FeedMetrics.Event.ignored) }
        guard live.insert(revocation, at: clock.now) else { return metrics.count(FeedMetrics.Event.known) }
        metrics.count(FeedMetrics.Event.applied)

        guard case .key(let keyID) = revocation.subject else { return }
        logger.warning("A signing key was revoked", metadata: ["key.id": "\(keyID)", "reason": "\(revocation.reason)"])
        verified.forgetAll()
        // Of a snapshot's keys, which are as many as were ever revoked, there is one fetch at its end.
        connection.hasNewRevokedKey = true
        if connection.isLive { await fetchKeys() }
    }

    /// Verifies an event with the keys that are held, and with newer ones if it names one that is not.
    private func read(_ text: String) async throws -> Revocation? {
        let held = try await keys.keys()
        do {
            return try SecurityEventToken.read(text, issuer: issuer, keys: trusted(held))
        } catch TokenError.unknownKey {
            let keyID = (try? CompactJWS(parsing: text.utf8))?.header["kid"]?.string ?? ""
            guard connection.unknownKeys.count < Self.unknownKeyLimit, connection.unknownKeys.insert(keyID).inserted else {
                throw TokenError.unknownKey
            }
            await fetchKeys()
            let newer = try await keys.keys()
            // Nobody can say yet whether it is genuine: it has to come again.
            guard newer.generation > held.generation else { throw KeysUnavailableNow() }
            return try SecurityEventToken.read(text, issuer: issuer, keys: trusted(newer))
        }
    }

    private func trusted(_ held: HeldKeys) -> KeySet {
        let revoked = live.revokedKeys
        return revoked.isEmpty ? held.keySet : KeySet(held.keySet.keys.filter { !revoked.contains($0.keyID) })
    }

    private func fetchKeys() async {
        connection.hasNewRevokedKey = false
        await keys.refetch()
        verified.forgetAll()
    }

    /// It may be a forgery, and is not believed; it may also be a revocation signed with a key that is still on its way to us, and a
    /// snapshot will have it again.
    private func miss(because error: TokenError) {
        metrics.count(FeedMetrics.Event.forged)
        position = nil
        guard connection.resyncAt == nil else { return }
        connection.resyncAt = clock.now.advanced(by: FeedWatch.silence * (1 << min(resyncs, 6)))
        logger.error("An event of the revocation feed is not the issuer's", metadata: ["reason": "\(error)"])
    }

    private func moveOn(to place: String) {
        guard connection.resyncAt == nil, Self.isPosition(place) else { return }
        position = place
    }

    private func goLive() async {
        pauses.reset()
        if connection.resyncAt == nil { resyncs = 0 }
        live.prune(at: clock.now)
        hear()
        if live.isOverflowing {
            logger.error(
                "There are more revocations than fit: tokens issued before the latest are refused, and have to be renewed")
        }
        logger.info("The revocation feed is live", metadata: ["entries": "\(live.count)"])
        if connection.hasNewRevokedKey { await fetchKeys() }
    }

    private func hear() {
        if watch.hear(at: connection.heardAt) { logger.notice("The revocation feed is heard again") }
        record()
    }

    private func record() {
        let now = clock.now
        metrics.record(watch.health(at: now), lag: watch.lag(at: now), entries: live.count)
    }

    private func report(_ end: FeedEnd) {
        metrics.count(end)
        record()
        var metadata: Logger.Metadata = ["reason": "\(end.reason)"]
        metadata["detail"] = end.detail.map { "\($0)" }
        switch end {
        case .refused: logger.error("The revocation feed refuses this API's credential", metadata: metadata)
        case .unwanted: logger.error("The server asks not to be asked for the revocation feed again", metadata: metadata)
        case .ended, .incomplete: logger.info("The revocation feed ended", metadata: metadata)
        case .broken, .silent, .keysUnavailable, .unreadable, .answered:
            logger.warning("The revocation feed cannot be followed right now", metadata: metadata)
        }
    }

    private static func isEventStream(_ response: HTTPResponse) -> Bool {
        let type = response.headerFields[.contentType]?.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        return type == "text/event-stream"
    }

    /// A position is opaque, but it goes into a header field.
    private static func isPosition(_ text: String) -> Bool {
        (1...positionLimit).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}

extension RevocationFeed {
    /// What is known of one connection.
    private struct Connection {
        let resumesAt: String?
        var heardAt: UnixTime
        /// The end mark came: from now on nothing is missing.
        var isLive = false
        var isSnapshot = false
        var hasNewRevokedKey = false
        var unknownKeys: Set<String> = []
        /// When it is given up for a snapshot, because of an event that could not be verified.
        var resyncAt: UnixTime?

        init(openedAt: UnixTime, resumesAt: String?) {
            self.resumesAt = resumesAt
            heardAt = openedAt
        }

        /// Whether all before this event was taken in: a snapshot has no order, and breaks off without a place in it.
        var isInOrder: Bool { isLive || (resumesAt != nil && !isSnapshot) }
    }
}

extension HTTPField.Name {
    /// `Last-Event-ID` (WHATWG HTML, section 9.2.4).
    fileprivate static var lastEventID: Self { Self("Last-Event-ID") ?? .eTag }
}
