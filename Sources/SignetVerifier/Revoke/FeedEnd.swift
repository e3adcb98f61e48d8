/// How a connection to the revocation feed ended.
enum FeedEnd: Hashable, Sendable {
    /// The server closed it, as it does when it stops.
    case ended
    /// It could not be made, or broke.
    case broken(String)
    /// Nothing came for 45 s, not even a heartbeat.
    case silent
    /// An event could not be verified: asking for a snapshot mends what it may have said.
    case incomplete
    /// An event's key could not be fetched; the event comes again.
    case keysUnavailable
    /// It is no event stream, or one with lines beyond any measure.
    case unreadable
    /// 401 or 403: the credential is wrong.
    case refused(status: Int)
    /// 204: the server asks readers to stay away.
    case unwanted
    /// Any other status.
    case answered(status: Int)

    /// The constant name under which it is counted and logged.
    var reason: String {
        switch self {
        case .broken: "broken"
        case .keysUnavailable: "keys_unavailable"
        case .refused: "refused"
        case .answered: "answered"
        case .ended, .silent, .incomplete, .unreadable, .unwanted: "\(self)"
        }
    }

    /// What else is worth knowing.
    var detail: String? {
        switch self {
        case .broken(let type): type
        case .refused(let status), .answered(let status): "\(status)"
        case .ended, .silent, .incomplete, .keysUnavailable, .unreadable, .unwanted: nil
        }
    }
}
