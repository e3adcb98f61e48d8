/// Where the proxy's lines go: nothing but a report in JSON shares standard output with it, and a command that is run has it for its own.
struct ProxyOutput: Sendable {
    let isJSON: Bool
    let isCommands: Bool

    /// A line that says how things stand.
    func line(_ text: String) {
        if isJSON || isCommands { Output.note(text) } else { Output.line(text) }
    }

    /// A line of the report.
    func result(_ text: String) {
        if isCommands { Output.note(text) } else { Output.line(text) }
    }
}
