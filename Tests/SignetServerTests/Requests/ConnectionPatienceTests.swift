import NIOCore
import NIOEmbedded
import Testing

@testable import SignetServer

@Suite("Patience with connections")
struct ConnectionPatienceTests {
    @Test("a connection that says nothing for ten seconds is closed")
    func closesSilentConnections() throws {
        let channel = try connected()

        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test("one that has spoken is left alone, until the server ends: then it has seven seconds")
    func closesOpenConnections() throws {
        let channel = try connected()
        try channel.writeInbound(ByteBuffer(string: "GET"))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)

        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())

        channel.embeddedEventLoop.advanceTime(by: .milliseconds(6_999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test("when the server ends, one that never spoke is closed at once")
    func closesUnusedConnections() throws {
        let channel = try connected()

        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.run()

        #expect(!channel.isActive)
    }

    private func connected() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ConnectionPatience())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }
}
