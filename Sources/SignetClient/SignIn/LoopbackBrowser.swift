public import Foundation

/// Sign-in by the browser for command-line and desktop programs: the browser comes back to a port of this machine (RFC 8252,
/// section 7.3).
///
///     let browser = try LoopbackBrowser { url in
///         try Process.run(URL(filePath: "/usr/bin/xdg-open"), arguments: [url.absoluteString])
///     }
///
/// It listens on 127.0.0.1 and a free port from its making until the one answer has come, and is good for one sign-in. Register the
/// client with the same address without a port: `http://127.0.0.1/callback`.
public final class LoopbackBrowser: SignInBrowser {
    /// Where the browser comes back to.
    public let redirectURL: URL

    private let listener: LoopbackListener
    private let open: @Sendable (URL) async throws -> Void
    private let waitForLimit: @Sendable () async throws -> Void

    /// A browser, and a port for it to come back to.
    ///
    /// - Parameters:
    ///   - path: the path of the redirect URL, as it is registered for the client.
    ///   - timeLimit: after how long without an answer to give up.
    ///   - clock: by what that is counted.
    ///   - page: what the browser shows in the end.
    ///   - open: shows a URL in the system's browser, and does not wait until that is closed again.
    /// - Throws: ``TransportError`` when nothing can listen.
    public init(
        path: String = "/callback", timeLimit: Duration = .seconds(300), clock: some Clock<Duration> = ContinuousClock(),
        page: String = "You can close this window and go back to the program.",
        open: @escaping @Sendable (URL) async throws -> Void
    ) throws(TransportError) {
        listener = try LoopbackListener(page: LoopbackPage(text: page))
        guard path.hasPrefix("/"), let url = URL(string: "http://127.0.0.1:\(listener.port)\(path)") else {
            throw TransportError("the path of the redirect URL does not begin with a slash, or is none")
        }
        redirectURL = url
        self.open = open
        waitForLimit = { try await clock.sleep(until: clock.now.advanced(by: timeLimit), tolerance: nil) }
    }

    /// Opens the browser, and waits until it comes back with an answer to this request; everything else that calls is turned away.
    /// - Throws: ``SignetClientError/signInExpired``; ``TransportError`` when it is used a second time; what opening throws;
    ///   `CancellationError`.
    public func answer(to request: AuthorizationRequest) async throws -> URL {
        let origin = "http://127.0.0.1:\(listener.port)"
        return try await withThrowingTaskGroup(of: URL?.self) { group in
            group.addTask { [listener] in
                let target = try await listener.firstTarget { target in
                    URL(string: origin + target).map(request.isAnswered) ?? false
                }
                return URL(string: origin + target)
            }
            group.addTask { [waitForLimit] in
                try await waitForLimit()
                throw SignetClientError.signInExpired
            }
            group.addTask { [open] in
                try await open(request.url)
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let answer = finished { return answer }
            }
            throw CancellationError()
        }
    }
}
