import Foundation
import HTTPTypes
import SignetTestKit
import SignetTokens
import Synchronization
import Testing

@testable import SignetClient

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The browser comes back to a port of this machine")
struct LoopbackBrowserTests {
    let scene: Scene
    let door: FakeBrowserDoor

    init() {
        scene = Scene()
        door = FakeBrowserDoor(scene.server)
    }

    @Test("a sign-in from end to end: the browser is shown a page, and the port is closed afterwards", .timeLimit(.minutes(1)))
    func wholeWay() async throws {
        let pages = Mutex<[String]>([])
        let browser = try LoopbackBrowser { [door] url in
            let redirect = try #require(door.visit(url))
            pages.withLock { $0.append(get(redirect)) }
        }
        let port = try #require(browser.redirectURL.port)
        #expect(browser.redirectURL.absoluteString == "http://127.0.0.1:\(port)/callback")

        try await scene.client().signIn(with: browser, device: "Ada's laptop")

        #expect(scene.store.read()?.deviceName == "Ada's laptop")
        let page = pages.withLock { $0.first } ?? ""
        #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("You can close this window"))
        #expect(page.contains("Cache-Control: no-store") && page.contains("Referrer-Policy: no-referrer"))
        #expect(connect(to: port) == nil)
        await #expect(throws: TransportError.self) { try await scene.client().signIn(with: browser) }
    }

    @Test("what else comes to the port is turned away, and holds nothing up", .timeLimit(.minutes(1)))
    func strays() async throws {
        let answers = Mutex<[String]>([])
        let browser = try LoopbackBrowser { [door] url in
            let redirect = try #require(door.visit(url))
            let port = try #require(redirect.port)
            let target = redirect.requestTarget
            let strays = [
                "GET /favicon.ico HTTP/1.1", "GET /callback HTTP/1.1", "GET /callback?code=c&state=wrong HTTP/1.1",
                "GET /callback/x?\(redirect.query() ?? "") HTTP/1.1", "HEAD \(target) HTTP/1.1", "POST \(target) HTTP/1.1",
                "GET http://127.0.0.1:\(port)\(target) HTTP/1.1", "GET \(target)", "GET  HTTP/1.1", "nonsense", "",
                "GET \(target)&state=x HTTP/1.1",
            ]
            // A connection that never says anything, as browsers open them, one that stops in the middle, and one without end.
            let silent = try #require(connect(to: port))
            let half = try #require(connect(to: port))
            write(half, "GET \(target) HTTP/1.1\r\n")
            let endless = try #require(connect(to: port))
            write(endless, "GET /" + String(repeating: "x", count: 20_000))
            for stray in strays {
                let connection = try #require(connect(to: port))
                write(connection, stray + "\r\nHost: 127.0.0.1\r\n\r\n")
                answers.withLock { $0.append(readAll(connection)) }
            }
            // The right one, in two pieces.
            let right = try #require(connect(to: port))
            write(right, "GET \(target) HTT")
            write(right, "P/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answers.withLock { $0.append(readAll(right)) }
            for connection in [silent, half, endless] { close(connection) }
        }

        try await scene.client().signIn(with: browser)

        let all = answers.withLock(\.self)
        #expect(all.count == 13)
        #expect(all.dropLast().allSatisfy { !$0.hasPrefix("HTTP/1.1 200") })
        #expect(all.first?.hasPrefix("HTTP/1.1 404") == true)
        #expect(all.last?.hasPrefix("HTTP/1.1 200") == true)
        #expect(scene.store.read() != nil)
    }

    @Test("more silent connections than anyone opens do not keep the browser out", .timeLimit(.minutes(1)))
    func manySilent() async throws {
        let browser = try LoopbackBrowser { [door] url in
            let redirect = try #require(door.visit(url))
            let port = redirect.port ?? 0
            let silent = (0..<100).compactMap { _ in connect(to: port) }
            #expect(silent.count == 100)
            #expect(get(redirect).hasPrefix("HTTP/1.1 200"))
            for connection in silent { close(connection) }
        }

        try await scene.client().signIn(with: browser)
    }

    @Test("the server's no comes the same way", .timeLimit(.minutes(1)))
    func declined() async throws {
        door.with { $0.error = "access_denied" }
        let browser = try LoopbackBrowser { [door] url in _ = get(try #require(door.visit(url))) }

        #expect(await failure { try await scene.client().signIn(with: browser) } == .signInDeclined)
    }

    @Test("nobody comes: the time limit ends it, and the port is closed", .timeLimit(.minutes(1)))
    func expires() async throws {
        let clock = ManualClock()
        let browser = try LoopbackBrowser(timeLimit: .seconds(90), clock: clock) { _ in }
        let client = scene.client()
        let waiting = Task { await failure { try await client.signIn(with: browser) } }
        while clock.sleepers == 0 { await Task.yield() }

        clock.advance(by: .seconds(89))
        #expect(clock.sleepers == 1)
        clock.advance(by: .seconds(1))

        #expect(await waiting.value == .signInExpired)
        #expect(connect(to: browser.redirectURL.port ?? 0) == nil)
    }

    @Test("a cancelled sign-in stops listening, and a browser that cannot be opened says why", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let (shown, isShown) = AsyncStream.makeStream(of: Void.self)
        let browser = try LoopbackBrowser { _ in isShown.yield() }
        let client = scene.client()
        let waiting = Task { try await client.signIn(with: browser) }
        for await _ in shown { break }

        waiting.cancel()

        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(connect(to: browser.redirectURL.port ?? 0) == nil)

        let broken = try LoopbackBrowser { _ in throw CocoaError(.fileNoSuchFile) }
        await #expect(throws: CocoaError.self) { try await client.signIn(with: broken) }
        #expect(connect(to: broken.redirectURL.port ?? 0) == nil)
    }

    @Test("a browser that was never used gives its port back")
    func unused() throws {
        var browser: LoopbackBrowser? = try LoopbackBrowser { _ in }
        let port = try #require(browser?.redirectURL.port)
        close(try #require(connect(to: port)))

        browser = nil

        #expect(connect(to: port) == nil)
    }

    @Test("the page says what the program wants it to, as text")
    func page() {
        let page = String(decoding: LoopbackPage(text: "<b>Tom & Ada</b>").found, as: UTF8.self)

        #expect(page.contains("&lt;b>Tom &amp; Ada&lt;/b>"))
    }
}

/// The answer to a plain GET of a URL of this machine.
private func get(_ url: URL) -> String {
    guard let connection = connect(to: url.port ?? 0) else { return "" }
    write(connection, "GET \(url.requestTarget) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return readAll(connection)
}

/// A connection to a port of this machine; `nil` when nobody listens there.
private func connect(to port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    if isConnected { return descriptor }
    close(descriptor)
    return nil
}

private func write(_ descriptor: Int32, _ text: String) {
    _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
}

/// What comes until the other side closes.
private func readAll(_ descriptor: Int32) -> String {
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk.prefix(count)
    }
}
