import Foundation
import Testing

/// A program of ours that dies at whichever step it is told to: before any call that touches a folder's files or a port's connections,
/// and between any two bytes of what it writes or receives (mortal.c says what a step is).
///
/// It lives again for each order, without being loaded anew.
///
///     try await MortalProcess.run(["token"], folder: …, port: …) { token in
///         let life = try await token.live(doom: Step("write", in: "tokens.json.new", byte: 17))
///         #expect(life.end == .atStep)
///     }
struct MortalProcess: Sendable {
    /// The order was not understood, or the process at the door is gone.
    struct Unheard: Error {
        let order: String
    }

    private let door: RawHTTP

    /// Makes a `signet` mortal while `body` runs.
    ///
    /// - Parameters:
    ///   - folder: where the files are that count.
    ///   - port: the port whose connections count, by whichever side they were made.
    static func run<Result>(
        _ arguments: [String], environment: [String: String] = [:], folder: String, port: Int,
        _ body: (MortalProcess) async throws -> Result
    ) async throws -> Result {
        let door = try FreePort.choose()
        let mortality = [
            "LD_PRELOAD": try await MortalLibrary.path, "LD_BIND_NOW": "1", "MORTAL_DOOR": "\(door)", "MORTAL_FOLDER": folder,
            "MORTAL_PORT": "\(port)",
        ]
        return try await SignetProcess.run(
            "signet", arguments, environment: environment.merging(mortality) { $1 }
        ) { process in
            _ = try await process.ready(after: "mortal: ")
            return try await body(MortalProcess(door: RawHTTP(port: door)))
        }
    }

    /// One life from beginning to end, with a doom or without.
    func live(doom: Step? = nil) async throws -> MortalLife {
        try await order("live", doom)
    }

    /// Begins a life, and returns when it listens.
    func serve() async throws {
        let report = try await report(of: "serve")
        try #require(report == "listening\n", "\(report)")
    }

    /// Gives the present life its doom, or `nil` for none; what it does is traced from now on.
    func doom(_ step: Step?) async throws {
        _ = try await report(of: Self.text("doom", step))
    }

    /// Waits for the end of the present life.
    func end() async throws -> MortalLife {
        try await order("wait", nil)
    }

    /// What the present life has done so far.
    func soFar() async throws -> MortalLife {
        try await order("trace", nil)
    }

    private func order(_ order: String, _ step: Step?) async throws -> MortalLife {
        let text = Self.text(order, step)
        guard let life = MortalLife(try await report(of: text)) else { throw Unheard(order: text) }
        return life
    }

    private func report(of order: String) async throws -> String {
        String(decoding: try await door.send(Array((order + "\n").utf8)), as: UTF8.self)
    }

    private static func text(_ order: String, _ step: Step?) -> String {
        guard let step else { return order }
        return "\(order) \(step.call) \(step.place) \(step.number) \(step.byte)"
    }
}
