import Foundation

let folder = FileManager.default.currentDirectoryPath + "/.benchmark-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }

print("Signet's benchmarks. Ratios of one run on one machine; the figures beside them are this machine's.\n")
try await RenewalBenchmark(folder: folder).run()
try await VerificationBenchmark(folder: folder).run()
try RefreshTokenBenchmark().run()
