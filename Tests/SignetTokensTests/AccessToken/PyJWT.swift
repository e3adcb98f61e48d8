import Foundation
import SignetTokens
import Testing

/// PyJWT, run once for thousands of tokens in the environment that `make setup` makes.
enum PyJWT {
    /// The answers to one request, a JSON object a line.
    static func answers(to request: JSONValue) throws -> [JSONObject] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python = root.appending(path: ".build/python/bin/python3")
        try #require(FileManager.default.isExecutableFile(atPath: python.path), "Run `make setup` first.")

        let folder = FileManager.default.temporaryDirectory.appending(path: "signet-pyjwt-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files on both sides: pipes would fill up and wait for each other.
        let input = folder.appending(path: "request.json")
        let output = folder.appending(path: "answers.jsonl")
        try Data(request.bytes).write(to: input)
        try Data().write(to: output)

        let process = Process()
        process.executableURL = python
        process.arguments = [root.appending(path: "Scripts/pyjwt-judge").path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)

        return try Data(contentsOf: output).split(separator: UInt8(ascii: "\n")).map { line in
            try #require(JSONValue(parsing: Array(line)).object)
        }
    }
}
