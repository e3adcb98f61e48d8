import Foundation
import Testing

extension Story {
    @Suite("As many connections as the system allows")
    struct OpenFilesTests {
        @Test("a server that is started with a low limit of open files raises it")
        func raises() async throws {
            try await Installation.make { signet in
                let arguments =
                    ["-c", "ulimit -Sn 64 && exec \"$0\" \"$@\"", SignetProcess.path(of: "signet")] + signet.serving()
                try await SignetProcess.run("/bin/sh", arguments) { server in
                    _ = try await server.ready()

                    let limits = try String(contentsOfFile: "/proc/\(server.pid)/limits", encoding: .utf8)
                    let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
                    let (soft, hard) = try #require(line.split(separator: " ").dropFirst(3).compactMap { Int($0) }.twoNumbers)

                    #expect(soft == min(hard, 65_536))
                }
            }
        }
    }
}

extension [Int] {
    /// Both, if it is two.
    fileprivate var twoNumbers: (Int, Int)? { count == 2 ? (self[0], self[1]) : nil }
}
