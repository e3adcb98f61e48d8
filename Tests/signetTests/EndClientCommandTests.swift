import ArgumentParser
import SignetClient
import Testing

@testable import signet

@Suite("The end client's commands")
struct EndClientCommandTests {
    @Test(
        "login wants a URL for a server, and a name where there is no terminal to ask for it",
        arguments: [
            (["--server", "id.example.com", "--username", "ada"], false),
            (["--server", "ftp://id.example.com", "--username", "ada"], false),
            (["--server", "https://id.example.com", "--username", "ada"], true), (["--password-stdin"], false),
            (["--username", "ada", "--password-stdin"], true), (["--password", "x", "--username", "ada"], false),
        ] as [([String], Bool)])
    func login(arguments: [String], isGood: Bool) {
        #expect(((try? LoginCommand.parse(arguments)) != nil) == isGood)
    }

    @Test(
        "call wants a method, a URL or a path, and header fields in one line",
        arguments: [
            (["GET", "https://api.example.com/notes"], true), (["get", "/v1/account"], true), (["GET"], false),
            (["GET", "api.example.com"], false), (["G T", "/"], false), (["GET", "/", "--header", "Accept: text/plain"], true),
            (["GET", "/", "--header", "Accept"], false), (["GET", "/", "--header", "A: b\r\nC: d"], false),
            (["POST", "/", "--data", "{}", "--header", "A: b", "--header", "C: d"], true),
        ] as [([String], Bool)])
    func call(arguments: [String], isGood: Bool) {
        #expect(((try? CallCommand.parse(arguments)) != nil) == isGood)
    }

    @Test("wrong use is 64, and what goes wrong otherwise is 1")
    func statuses() {
        let usage = #expect(throws: (any Error).self) { try CallCommand.parse(["GET"]) }

        #expect(usage.map { CallCommand.exitCode(for: $0) } == .validationFailure)
        #expect(CallCommand.exitCode(for: SignetClientError.notSignedIn) == .failure)
    }

    @Test("the store is the file that was named, or one in the user's state folder")
    func store() throws {
        #expect(try EndClientOptions.parse(["--store", "/tmp/t.json"]).tokenStore.path == "/tmp/t.json")
        #expect(try EndClientOptions.parse([]).tokenStore.path.hasSuffix("/signet/tokens.json"))
    }
}
