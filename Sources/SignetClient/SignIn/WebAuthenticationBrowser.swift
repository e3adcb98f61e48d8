// This was neither compiled nor run: there is no Apple platform where Signet is built.
#if canImport(AuthenticationServices) && (os(iOS) || os(macOS) || os(visionOS))
    public import AuthenticationServices
    public import Foundation

    /// Sign-in by the browser on Apple's platforms, in the system's own sheet (`ASWebAuthenticationSession`).
    public struct WebAuthenticationBrowser: SignInBrowser {
        /// Where the browser comes back to: a link of the app's own domain, best, or of a scheme with a dot in it.
        public let redirectURL: URL
        private let anchor: @MainActor @Sendable () -> ASPresentationAnchor

        /// - Parameter anchor: the window that the sheet belongs to.
        public init(redirectURL: URL, anchor: @escaping @MainActor @Sendable () -> ASPresentationAnchor) {
            self.redirectURL = redirectURL
            self.anchor = anchor
        }

        /// Shows the sheet until the browser has come back.
        /// - Throws: ``SignetClientError/signInDeclined`` when the person closed it; `CancellationError`.
        public func answer(to request: AuthorizationRequest) async throws -> URL {
            try await WebAuthentication(anchor).answer(to: request)
        }
    }

    /// One sheet.
    @MainActor private final class WebAuthentication: NSObject, ASWebAuthenticationPresentationContextProviding {
        private let anchor: ASPresentationAnchor
        private var session: ASWebAuthenticationSession?
        private var caller: CheckedContinuation<URL, any Error>?

        init(_ anchor: @MainActor () -> ASPresentationAnchor) {
            self.anchor = anchor()
        }

        func presentationAnchor(for session: ASWebAuthenticationSession) -> ASPresentationAnchor { anchor }

        func answer(to request: AuthorizationRequest) async throws -> URL {
            try await withTaskCancellationHandler {
                try Task.checkCancellation()
                return try await withCheckedThrowingContinuation { caller in
                    self.caller = caller
                    let session = ASWebAuthenticationSession(
                        url: request.url, callback: Self.callback(request.redirectURL)
                    ) { url, error in
                        let isClosed = (error as? ASWebAuthenticationSessionError)?.code == .canceledLogin
                        let trouble = isClosed ? SignetClientError.signInDeclined : error ?? CancellationError()
                        Task { @MainActor in self.finish(url.map { .success($0) } ?? .failure(trouble)) }
                    }
                    session.presentationContextProvider = self
                    self.session = session
                    if !session.start() { finish(.failure(TransportError("the browser cannot be shown"))) }
                }
            } onCancel: {
                Task { @MainActor in
                    self.session?.cancel()
                    self.finish(.failure(CancellationError()))
                }
            }
        }

        /// The first result counts.
        private func finish(_ result: Result<URL, any Error>) {
            caller?.resume(with: result)
            caller = nil
        }

        private static func callback(_ url: URL) -> ASWebAuthenticationSession.Callback {
            if url.scheme == "https", let host = url.host() { return .https(host: host, path: url.path()) }
            return .customScheme(url.scheme ?? "")
        }
    }
#endif
