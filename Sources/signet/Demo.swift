import ArgumentParser

/// `signet demo`: the whole story against a real server.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Tell the whole story against a real server, with real HTTP.")

    @Flag(help: "End after the story.") var exit = false

    func run() async throws {
        throw CommandFailure("demo")
    }
}
