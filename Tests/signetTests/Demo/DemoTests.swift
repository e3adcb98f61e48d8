import Foundation
import Testing

extension Story {
    @Suite("The demo")
    struct DemoTests {
        @Test("tells all eleven steps, shows no whole token, and ends with status 0")
        func tells() async throws {
            try await SignetProcess.run("signet", ["demo", "--exit"]) { demo in
                let exit = try await demo.exit()
                #expect(exit == .status(0), "\(demo.errorsSoFar)")
                #expect(demo.family == [])

                let lines = demo.outputSoFar.split(separator: "\n")
                for number in 1...11 {
                    #expect(lines.filter { $0.hasPrefix("\(number). ") }.count == 1, "step \(number)")
                }
                #expect(lines.last == "The story is told; every step did what it says.")
                // It shows how tokens begin and end, and no terminal's colours in a pipe.
                #expect(demo.outputSoFar.contains("sgr1_"))
                #expect(demo.outputSoFar.contains("eyJ"))
                #expect(!demo.outputSoFar.contains(#/(sgr1_|eyJ)[A-Za-z0-9_\-.]{20}/#))
                #expect(!demo.outputSoFar.contains("\u{1B}"))
            }
        }

        @Test("Ctrl-C ends it and its servers in the middle of the story, and leaves no file", arguments: [SIGINT, SIGTERM])
        func ends(signal: Int32) async throws {
            try await Installation.make { place in
                try await SignetProcess.run("signet", ["demo"], environment: ["TMPDIR": place.folder]) { demo in
                    _ = try await demo.ready(after: "3. ")
                    #expect(demo.family.count == 3)

                    demo.signal(signal)

                    let exit = try await demo.exit()
                    #expect(exit == .status(0), "\(demo.errorsSoFar)")
                    #expect(demo.family == [])
                    let left = try FileManager.default.contentsOfDirectory(atPath: place.folder)
                    #expect(left == [])
                }
            }
        }
    }
}
