import Foundation

/// Other people's programs that these tests need; `make setup` sees to it that they are there.
enum Tool {
    /// What is missing, and what to do.
    struct Missing: Error, CustomStringConvertible {
        let name: String

        var description: String { "\(name) is missing. Run `make setup` first." }
    }

    /// The path of a program of the system.
    static func path(_ name: String) throws(Missing) -> String {
        let folders =
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/sbin", "/usr/bin", "/bin"]
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
            throw Missing(name: name)
        }
        return "\(folder)/\(name)"
    }

    /// A Python that has PyJWT.
    static var python: String {
        get throws(Missing) {
            let path = repository + "/.build/python/bin/python"
            guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(name: path) }
            return path
        }
    }

    /// The folder of this package, as it was when the tests were built.
    static var repository: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    /// Runs a program of the system to its end.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = "", in folder: String? = nil
    ) async throws -> SignetProcess.Outcome {
        try await SignetProcess.outcome(try path(name), arguments, environment: environment, input: input, in: folder)
    }

    /// Runs a Python program to its end.
    static func runPython(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = ""
    ) async throws -> SignetProcess.Outcome {
        try await SignetProcess.outcome(try python, ["-c", program] + arguments, environment: environment, input: input)
    }
}
