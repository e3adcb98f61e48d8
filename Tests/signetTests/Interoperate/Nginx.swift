import Foundation
import Testing

/// An nginx with the very configuration of `Examples/nginx`, but for the ports and the folder.
struct Nginx {
    /// Where it listens on 127.0.0.1.
    let port: Int

    private let folder: String

    /// Runs nginx before a Signet and an API while `body` does.
    static func run<Result>(
        before signet: Installation, api: Int, _ body: (Nginx) async throws -> Result
    ) async throws -> Result {
        let nginx = Nginx(port: try FreePort.choose(), folder: signet.folder + "/nginx")
        for name in ["files", "logs"] {
            try FileManager.default.createDirectory(
                atPath: "\(nginx.folder)/\(name)", withIntermediateDirectories: true)
        }
        try Data("behind Signet\n".utf8).write(to: URL(fileURLWithPath: nginx.folder + "/files/note.txt"))
        let example = try String(contentsOfFile: Tool.repository + "/Examples/nginx/nginx.conf", encoding: .utf8)
        let configuration = example.replacing("127.0.0.1:8080;", with: "127.0.0.1:\(signet.port);")
            .replacing("127.0.0.1:8081;", with: "127.0.0.1:\(nginx.port);").replacing(
                "127.0.0.1:9000;", with: "127.0.0.1:\(api);")
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: nginx.folder + "/nginx.conf"))

        // One process, which our own id and the modes of our folder bind.
        let arguments = ["-p", nginx.folder, "-c", nginx.folder + "/nginx.conf", "-g", "daemon off; master_process off;"]
        return try await SignetProcess.run(try Tool.path("nginx"), arguments) { process in
            let isUp = try await eventually { (try? await RawHTTP(port: nginx.port)("GET", "/")) != nil }
            try #require(isUp, "\(process.errorsSoFar)")
            let result = try await body(nginx)
            process.signal(SIGTERM)
            _ = try await process.exit()
            return result
        }
    }

    /// What a client speaks to.
    var http: RawHTTP { RawHTTP(port: port) }

    /// The lines of the access log so far.
    var log: String {
        get throws { try String(contentsOfFile: folder + "/logs/access.log", encoding: .utf8) }
    }
}
