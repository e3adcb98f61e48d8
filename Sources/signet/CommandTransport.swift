import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import SignetClient

/// How the end client's commands reach the network: over async-http-client, for on Linux Foundation ends the process when a
/// connection breaks within the header lines of an answer, and a command must end with a sentence.
final class CommandTransport: Transport {
    /// The longest answer that is taken, in bytes.
    private static let bodyLimit = 256 * 1024 * 1024

    private let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    deinit {
        client.shutdown { _ in }
    }

    func send(_ request: HTTPRequest, body: Data?, timeout: Duration) async throws -> (HTTPResponse, Data) {
        guard let scheme = request.scheme, let authority = request.authority else {
            throw TransportError("the address of the request is not a URL")
        }
        var outgoing = HTTPClientRequest(url: "\(scheme)://\(authority)\(request.path ?? "/")")
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headerFields { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if !outgoing.headers.contains(name: "User-Agent") { outgoing.headers.add(name: "User-Agent", value: "signet") }
        if let body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        return try await exchange(outgoing, timeout)
    }

    private func exchange(_ request: HTTPClientRequest, _ timeout: Duration) async throws -> (HTTPResponse, Data) {
        do {
            let incoming = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            var response = HTTPResponse(status: .init(code: Int(incoming.status.code)))
            for (name, value) in incoming.headers {
                if let name = HTTPField.Name(name) { response.headerFields.append(HTTPField(name: name, value: value)) }
            }
            let body = try await incoming.body.collect(upTo: Self.bodyLimit)
            return (response, Data(body.readableBytesView))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw TransportError("the connection failed or broke (\(type(of: error)))")
        }
    }
}
