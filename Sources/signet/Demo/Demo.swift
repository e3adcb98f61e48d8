import ArgumentParser
import Foundation
import UnixSignals

/// `signet demo`: the whole story against a real server and a real API, each in a process of its own, with real HTTP.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Tell the whole story against a real server, with real HTTP."
    )

    @Flag(help: "End after the story; status 0 means that each step did what it says.") var exit = false

    func run() async throws {
        let teller = DemoTeller(isColoured: isatty(STDOUT_FILENO) == 1)
        let stage = try DemoStage(teller)
        // Ctrl-C ends the story at any line; the servers are ended and their folder is removed in every case.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let ending = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                for await _ in signals { return .success(()) }
                return .success(())
            }
            group.addTask {
                do {
                    try await tell(on: stage, with: teller)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            let first = await group.next() ?? .success(())
            group.cancelAll()
            return first
        }
        stage.close()
        try ending.get()
    }

    private func tell(on stage: DemoStage, with teller: DemoTeller) async throws {
        try await stage.open()
        try await DemoStory(stage: stage, teller: teller).tell()
        guard !exit else { return teller.say("The story is told; every step did what it says.") }
        stage.invite()
        // Until Ctrl-C.
        try await Task.sleep(for: .seconds(365 * 86_400))
    }
}
