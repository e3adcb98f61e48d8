import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SignetClient

/// Runs a step of an exchange; what breaks it is told by its kind alone, for the originals may hold parts of request and answer.
/// - Throws: `CancellationError`, or a ``SignetClient/TransportError``.
func translatingErrors<Value>(_ step: () async throws -> Value) async throws -> Value {
    do {
        return try await step()
    } catch let error as TransportError {
        throw error
    } catch is CancellationError {
        throw CancellationError()
    } catch {
        // What a connection says when it is broken off for the sake of a cancelled caller is of no interest.
        try Task.checkCancellation()
        throw TransportError(error)
    }
}

extension TransportError {
    static func tooLong(_ limit: Int) -> TransportError {
        TransportError("the answer is longer than \(limit) bytes")
    }

    fileprivate init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: self.init(error)
        case let error as NIOConnectionError:
            let isUnknown = error.dnsAError != nil && error.dnsAAAAError != nil && error.connectionErrors.isEmpty
            self.init(isUnknown ? "the server's name cannot be found" : "the server cannot be reached")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init("no secure connection to the server can be made")
        case is HTTPParserError: self.init("the answer is not HTTP")
        case is ChannelError, is IOError: self.init("the connection was cut")
        default: self.init("the connection failed (\(type(of: error)))")
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
            .socksHandshakeTimeout, .httpProxyHandshakeTimeout:
            self = .timedOut
        case .remoteConnectionClosed, .uncleanShutdown: self.init("the connection was cut")
        case .alreadyShutdown: self.init("the HTTPClient is shut down")
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath:
            self.init("the address of the request is not a URL")
        // The kind only: a few of these errors hold names and values of header fields.
        default: self.init("the connection failed (HTTPClientError)")
        }
    }
}
