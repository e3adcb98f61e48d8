import NIOHTTP1

extension HTTPHeaders {
    /// What concerns one connection alone (RFC 9110, section 7.6.1), and is not passed on.
    private static let hopByHop = [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    ]

    /// The fields that go on to the other side, in their order and spelling.
    var passedOn: HTTPHeaders {
        var fields = self
        for name in Self.hopByHop + self[canonicalForm: "Connection"].map(String.init) { fields.remove(name: name) }
        return fields
    }
}
