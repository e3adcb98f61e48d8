import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Limits on a request's header (RFC 6585, section 5): 8 KiB for one field, 32 KiB for all.
struct HeaderLimits<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let sizes = request.headers.map { $0.name.rawName.utf8.count + $0.value.utf8.count }
        guard sizes.allSatisfy({ $0 <= 8 * 1024 }), sizes.reduce(0, +) <= 32 * 1024, request.uri.string.utf8.count <= 8 * 1024
        else {
            throw HeaderTooLarge()
        }
        return try await next(request, context)
    }
}

/// A field, or all fields together, or the request's target are longer than Signet reads.
struct HeaderTooLarge: Error {}

/// Answers 431 where the header is so large that the decoder gives up before there is a request; without it the answer would be 400.
final class HeaderOverflowHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .headerOverflow? = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        let head = HTTPResponse(status: .requestHeaderFieldsTooLarge, headerFields: [.connection: "close", .contentLength: "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
