import Foundation
import SignetTestKit
import Testing

/// mortal.c, compiled when a test first needs it: the toolchain that builds Swift has a C compiler.
enum MortalLibrary {
    private static let built = Task { try await build() }

    /// The path of the shared library.
    static var path: String {
        get async throws { try await built.value }
    }

    private static func build() async throws -> String {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("mortal.c").path
        // Beside the test bundle, where the next run writes over it.
        let library = SignetProcess.path(of: "libmortal.so")
        let compiler = (try? Tool.path("clang")) == nil ? "cc" : "clang"
        let outcome = try await Tool.run(compiler, ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", library, source])
        try #require(outcome.exit == .status(0), "\(outcome.errors)")
        return library
    }
}
