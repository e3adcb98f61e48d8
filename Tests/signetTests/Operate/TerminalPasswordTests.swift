import SignetTestKit
import SignetTokens
import Testing

extension Story {
    @Suite("A password that is typed")
    struct TerminalPasswordTests {
        /// Answers each prompt of a command on a terminal of its own, then prints what stood on the screen, and ends with its status.
        private static let typist = """
            import os, pty, sys, json
            typed = json.load(sys.stdin)
            pid, terminal = pty.fork()
            if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
            screen = b''
            def read():
                global screen
                try: part = os.read(terminal, 4096)
                except OSError: part = b''
                screen += part
                return part
            for prompt, answer in typed:
                while not screen.endswith(prompt.encode()):
                    if not read(): break
                try: os.write(terminal, (answer + '\\n').encode())
                except OSError: break
            while read(): pass
            sys.stdout.buffer.write(screen)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """

        @Test("is asked for twice and never shown")
        func isNotEchoed() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    let password = TestPassword.of("ada")

                    let typing = try await type([("Password: ", password), ("Again: ", password)], adding: "ada", at: signet)

                    #expect(typing.exit == .status(0), "\(typing.output)")
                    #expect(typing.output.contains("Password: "))
                    #expect(typing.output.contains("Again: "))
                    #expect(typing.output.contains("user_id: "))
                    #expect(!typing.output.contains(TestPassword.mark))
                    _ = try await signet.signIn("ada", password: password)
                }
            }
        }

        @Test("is refused when the second time differs")
        func mustMatch() async throws {
            try await Installation.make { signet in
                try await signet.serve { _ in
                    let (first, second) = (TestPassword.of("ada"), TestPassword.of("adah"))

                    let typing = try await type([("Password: ", first), ("Again: ", second)], adding: "ada", at: signet)

                    #expect(typing.exit == .status(1))
                    #expect(typing.output.contains("The two passwords differ; try again."))
                    #expect(!typing.output.contains(TestPassword.mark))
                    let users = try await signet.listed("user", "list")["users"]?.array
                    #expect(users?.isEmpty == true)
                }
            }
        }

        private func type(
            _ answers: [(prompt: String, answer: String)], adding name: String, at signet: Installation
        ) async throws -> SignetProcess.Outcome {
            let pairs = answers.map { "[\"\($0.prompt)\", \"\($0.answer)\"]" }.joined(separator: ",")
            let command = [SignetProcess.path(of: "signet"), "user", "add", name, "--database", signet.database]
            return try await Tool.runPython(Self.typist, command, input: "[\(pairs)]")
        }
    }
}
