/// Where a request came from, as the device list and the audit log show it.
package struct Origin: Hashable, Sendable {
    /// The network address, if it is known.
    package let address: String?
    /// The `User-Agent`, on one line and shortened to 200 characters.
    package let userAgent: String?
    /// The request's own id, by which log and audit entries are found.
    package let requestID: String?

    package init(address: String? = nil, userAgent: String? = nil, requestID: String? = nil) {
        self.address = address
        self.userAgent = userAgent.map { text in
            String(String.UnicodeScalarView(text.unicodeScalars.lazy.filter { !$0.leavesLine }.prefix(200)))
        }
        self.requestID = requestID
    }

    /// Nobody in particular.
    package static let unknown = Origin()
}

/// What a session keeps of where its device is; the audit log has all of it in any case, for operators need it there.
package enum OriginKeeping: String, CaseIterable, Sendable {
    /// The network that the address is in, and the user agent.
    case network
    /// The address, and the user agent.
    case full
    /// Nothing.
    case none

    /// What is kept of an origin.
    package func kept(of origin: Origin) -> Origin {
        switch self {
        case .network:
            Origin(address: origin.address.flatMap(NetworkAddress.init)?.network, userAgent: origin.userAgent)
        case .full: Origin(address: origin.address, userAgent: origin.userAgent)
        case .none: .unknown
        }
    }
}
