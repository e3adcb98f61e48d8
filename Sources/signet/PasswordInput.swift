import Foundation
import SignetTokens

/// Reads a password: from the terminal without echo, or the first line of standard input; never from an argument, which others can see.
enum PasswordInput {
    /// - Parameters:
    ///   - isFromStandardInput: whether to read a line of standard input without asking.
    ///   - isNew: whether it is asked for twice.
    /// - Throws: ``CommandFailure``.
    static func read(isFromStandardInput: Bool, isNew: Bool, prompt: String = "Password: ") throws -> Secret<String> {
        if isFromStandardInput {
            guard let line = readLine(strippingNewline: true) else {
                throw CommandFailure("Standard input is empty; write the password into it.")
            }
            return Secret(line)
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure("There is no terminal to ask for the password; give it with --password-stdin.")
        }
        let first = try ask(prompt)
        guard isNew else { return first }
        let second = try ask("Again: ")
        let isSame = first.reveal { first in second.reveal { constantTimeEqual(Array(first.utf8), Array($0.utf8)) } }
        guard isSame else { throw CommandFailure("The two passwords differ; try again.") }
        return first
    }

    private static func ask(_ prompt: String) throws -> Secret<String> {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }

        FileHandle.standardError.write(Data(prompt.utf8))
        let line = readLine(strippingNewline: true)
        FileHandle.standardError.write(Data("\n".utf8))
        guard let line else { throw CommandFailure("No password was entered.") }
        return Secret(line)
    }
}
