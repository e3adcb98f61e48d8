public import Foundation

/// The way to the system's browser and back (RFC 8252): never a web view inside the app, where the app could read the password.
///
/// `WebAuthenticationBrowser` is for Apple's platforms, ``LoopbackBrowser`` for command-line and desktop programs.
public protocol SignInBrowser: Sendable {
    /// Where the server sends the browser afterwards, as it is registered for the client; of a loopback address any port will do.
    var redirectURL: URL { get }

    /// Shows the request's URL in the browser, and gives the URL that the browser was sent to when the person was done.
    /// - Throws: ``SignetClientError/signInDeclined`` when the person closed the browser, `signInExpired`; `CancellationError`.
    func answer(to request: AuthorizationRequest) async throws -> URL
}
