import ArgumentParser
import Foundation
import SignetClient
import SignetClientNIO
import SignetTokens

/// What every command of the end client takes: where the tokens are kept.
struct EndClientOptions: ParsableArguments {
    @Option(
        help: "The file that keeps the tokens. (default: signet/tokens.json in $XDG_STATE_HOME or ~/.local/state)",
        completion: .file())
    var store: String?

    /// The store in the file that was named, or in the user's state folder.
    var tokenStore: FileTokenStore {
        FileTokenStore(store ?? Self.stateFolder.appending(path: "signet/tokens.json").path(percentEncoded: false))
    }

    /// A client for whatever server the stored session belongs to.
    /// - Parameter origins: the APIs that the access token may go to, besides the server.
    /// - Throws: ``CommandFailure`` when nobody is signed in; `TokenStoreError`.
    func client(origins: [URL] = []) throws -> SignetClient {
        let tokenStore = tokenStore
        guard let session = try tokenStore.read(), let server = URL(string: session.server) else {
            throw CommandFailure("Nobody is signed in here; sign in with `signet login`.")
        }
        return Self.client(session.clientID, of: server, tokenStore, origins: origins)
    }

    /// A client for a server that is named.
    static func client(_ id: ClientID, of server: URL, _ store: FileTokenStore, origins: [URL] = []) -> SignetClient {
        // Not over URLSession: on Linux a broken connection may end the process, and a command must end with a sentence.
        let transport = AsyncHTTPClientTransport(userAgent: "signet", bodyLimit: 256 * 1024 * 1024)
        return SignetClient(server: server, store: store, clientID: id, origins: origins, transport: transport)
    }

    /// Where programs keep what is theirs alone and not worth a back-up (XDG Base Directory Specification).
    private static var stateFolder: URL {
        // A relative path there is to be ignored, says the specification.
        if let path = ProcessInfo.processInfo.environment["XDG_STATE_HOME"], path.hasPrefix("/") { return URL(filePath: path) }
        // Foundation asks the password file; whoever sets HOME means it.
        if let home = ProcessInfo.processInfo.environment["HOME"], home.hasPrefix("/") {
            return URL(filePath: home).appending(path: ".local/state")
        }
        return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/state")
    }
}

extension SignetClientError: OperatorError {}
extension TokenStoreError: OperatorError {}
