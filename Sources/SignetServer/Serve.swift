import Foundation
package import Hummingbird
package import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import UnixSignals

/// The token server as a process of its own: the composition root.
package struct Serve: Sendable {
    private let settings: Settings
    private let logger: Logger

    package init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT: then it stops accepting, finishes what it has begun, and returns within ten seconds.
    ///
    /// - Parameter onReady: called once, with the URL, when requests are answered.
    /// - Throws: what ``SignetServer`` throws, ``ServeProblem``, or a fault.
    package func callAsFunction(onReady: @escaping @Sendable (_ url: String) -> Void) async throws {
        for warning in settings.warnings { logger.warning("\(warning)") }
        OpenFileLimit.raise()
        var configuration = settings.server
        configuration.fallbackIssuer = ownAddress
        let signet = try await SignetServer(configuration, logger: logger)

        let application = Application(
            router: Self.router(for: signet, context: SignetRequestContext.self), server: try server(),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)), services: [signet],
            onServerRunning: { channel in onReady("\(scheme)://\(urlHost):\(channel.localAddress?.port ?? 0)") }, logger: logger
        )
        var group = ServiceGroupConfiguration(
            services: [.init(service: application)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        )
        // Connections are closed by then; this is for work that hangs.
        group.maximumGracefulShutdownDuration = .seconds(8)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw ServeProblem.cannotListen(settings.host, settings.port, error.errnoCode)
        }
    }

    /// The router of a server that runs alone: unknown paths are answered like everything else.
    package static func router<Context: RequestContext>(for signet: SignetServer, context: Context.Type) -> Router<Context> {
        let router = Router(context: context)
        router.add(middleware: ErrorAnswer())
        signet.addRoutes(to: router)
        return router
    }

    /// The address that is listened on: the server's name if it is given none at its very first start.
    private var ownAddress: String? {
        settings.port == 0 ? nil : "\(scheme)://\(urlHost):\(settings.port)"
    }

    private var scheme: String { settings.tls == nil ? "http" : "https" }

    /// The host as it stands in URLs.
    private var urlHost: String { settings.host.contains(":") ? "[\(settings.host)]" : settings.host }

    /// How HTTP/1.1 connections are read. The limits are above those of ``HeaderLimits``, which answers more kindly.
    private static var http1: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [HeaderOverflowHandler()], idleTimeout: .seconds(60),
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 48 * 1024, maxHeaderFieldCount: 200
            )
        )
    }

    /// A server of plain HTTP/1.1.
    package static var http1Server: HTTPServerBuilder {
        HTTPServerBuilder { responder in PatientChannel(base: HTTP1Channel(responder: responder, configuration: http1)) }
    }

    private func server() throws -> HTTPServerBuilder {
        guard let tls = settings.tls else { return Self.http1Server }
        let context: NIOSSLContext
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificate).map(NIOSSLCertificateSource.certificate),
                privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem))
            )
            configuration.applicationProtocols = SecureChannel.protocols
            // Whether the two belong together shows here, and not at the first connection.
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServeProblem.tls
        }
        let http2 = HTTP2ChannelConfiguration(
            idleTimeout: .seconds(60), gracefulCloseTimeout: .seconds(5), streamConfiguration: Self.http1
        )
        return HTTPServerBuilder { responder in
            PatientChannel(base: SecureChannel(context: context, configuration: http2, responder: responder))
        }
    }
}

/// Why the server cannot start listening, in one sentence.
package enum ServeProblem: Error, CustomStringConvertible {
    case cannotListen(String, Int, Int32)
    case tls

    package var description: String {
        switch self {
        case .cannotListen(let host, let port, EADDRINUSE):
            "Port \(port) on \(host) is in use; end the other program, or choose another port with --port."
        case .cannotListen(let host, let port, _): "Signet cannot listen on \(host), port \(port); check --host and --port."
        case .tls:
            "The TLS certificate or its key cannot be read; give PEM files that belong together with --tls-certificate and --tls-key."
        }
    }
}
