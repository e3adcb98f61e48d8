import Foundation

let folder = FileManager.default.currentDirectoryPath + "/.benchmark-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }

let benchmarks: [(name: String, run: () async throws -> Void)] = [
    ("renewal", { try await RenewalBenchmark(folder: folder).run() }),
    ("clean-up", { try await CleanUpBenchmark(folder: folder).run() }),
    ("growth", { try await GrowthBenchmark(folder: folder).run() }),
    ("verification", { try await VerificationBenchmark(folder: folder).run() }),
    ("refresh-token", { try RefreshTokenBenchmark().run() }),
]
// All of them, or those that are named.
let wanted = CommandLine.arguments.dropFirst()

print("Signet's benchmarks. Ratios of one run on one machine; the figures beside them are this machine's.\n")
do {
    for (name, run) in benchmarks where wanted.isEmpty || wanted.contains(name) { try await run() }
} catch let broken as BrokenBound {
    FileHandle.standardError.write(Data((broken.sentence + "\n").utf8))
    try? FileManager.default.removeItem(atPath: folder)
    exit(1)
}
