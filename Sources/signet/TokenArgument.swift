import ArgumentParser
import Foundation
import SignetTokens

/// The token of `signet token inspect` and `signet token verify`: an argument, or standard input.
struct TokenArgument: ParsableArguments {
    @Argument(help: "The token; from standard input when left out.")
    var token: String?

    /// The token's text, without the white space around it that copying leaves.
    func read() throws -> Secret<String> {
        let text: String
        if let token {
            text = token
        } else {
            let bytes = try FileHandle.standardInput.read(upToCount: 1 << 20) ?? Data()
            text = String(decoding: bytes, as: UTF8.self)
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else { throw CommandFailure("There is no token: give one as an argument or on standard input.") }
        return Secret(trimmed)
    }
}
