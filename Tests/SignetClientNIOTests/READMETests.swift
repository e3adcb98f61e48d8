import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SignetClient
import SignetClientNIO
import SignetTokens
import Testing

@Suite("What README shows of a server that calls another")
struct READMETests {
    /// README's lines as they stand there: that they compile is the point.
    private func lines(id: URL, clientID: ClientID, secret: Secret<String>, api: URL) async throws -> HTTPClientResponse {
        let client = ConfidentialClient(
            server: id, clientID: clientID, clientSecret: secret, origins: [api], transport: AsyncHTTPClientTransport())
        let request = HTTPClientRequest(url: "https://notes.example/notes")
        let response = try await client.execute(request, timeout: .seconds(30))
        return response
    }

    @Test("compiles, and sends nothing to an origin that was not named")
    func compiles() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let readme = try String(contentsOf: folder.appending(path: "../../README.md"), encoding: .utf8)
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let snippet = try #require(
            readme.split(separator: "```").first { $0.contains("ConfidentialClient(") && $0.hasPrefix("swift\n") })

        for line in snippet.split(separator: "\n").dropFirst() {
            #expect(source.contains(line.trimmingCharacters(in: .whitespaces)), "\(line)")
        }

        let url = try #require(URL(string: "http://127.0.0.1:1"))
        await #expect(throws: SignetClientError.originNotNamed("https://notes.example")) {
            _ = try await lines(id: url, clientID: #require(ClientID("orders")), secret: Secret("a"), api: url)
        }
    }
}
