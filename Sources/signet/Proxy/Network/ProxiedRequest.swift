import Foundation
import NIOCore
import NIOHTTP1

/// A request as it came, with as much of its body as is looked at before it goes on.
struct ProxiedRequest: Sendable {
    /// So much of a body is read before any of it goes on; what is longer is streamed, and never repeated.
    static let bodyLimit = 1 << 20

    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    let head: HTTPRequestHead
    private(set) var body = ByteBuffer()
    /// Whether `body` is all of it.
    private(set) var isWhole = false

    /// Reads the next request of a connection; `nil` when the client has no more.
    init?(reading parts: inout Parts?, answeringOn channel: any Channel) async throws {
        guard case .head(let head)? = try await parts?.next(isolation: #isolation) else { return nil }
        self.head = head
        if head.headers[canonicalForm: "Expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            try await channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
        while body.readableBytes <= Self.bodyLimit, let part = try await parts?.next(isolation: #isolation) {
            switch part {
            case .body(var bytes): body.writeBuffer(&bytes)
            case .end:
                isWhole = true
                return
            case .head: return nil
            }
        }
        // A connection that ended within the body brought no request.
        if body.readableBytes <= Self.bodyLimit { return nil }
    }

    /// The head as the server gets it: its own name in `Host`, one request a connection.
    func head(for address: UpstreamAddress) -> HTTPRequestHead {
        var sent = HTTPRequestHead(version: .http1_1, method: head.method, uri: address.path + target)
        sent.headers = head.headers.passedOn
        sent.headers.remove(name: "Expect")
        sent.headers.replaceOrAdd(name: "Host", value: address.authority)
        sent.headers.add(name: "Connection", value: "close")
        if isWhole, body.readableBytes > 0 {
            sent.headers.replaceOrAdd(name: "Content-Length", value: "\(body.readableBytes)")
        } else if !isWhole, !sent.headers.contains(name: "Content-Length") {
            sent.headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        return sent
    }

    /// Path and query, also of a client that takes us for a forward proxy and names the host as well (RFC 9112, section 3.2.2).
    private var target: String {
        guard let scheme = head.uri.range(of: "://"), !head.uri.hasPrefix("/") else { return head.uri }
        let rest = head.uri[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
}

extension ProxiedRequest.Parts {
    /// What follows of a body that is not whole; `nil` at its end.
    mutating func nextBytes() async throws -> ByteBuffer? {
        guard case .body(let bytes) = try await next(isolation: #isolation) else { return nil }
        return bytes
    }
}
