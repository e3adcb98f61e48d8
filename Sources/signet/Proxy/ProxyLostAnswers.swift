import ArgumentParser
import Foundation
import SignetServer
import SignetTokens

/// `signet proxy-lost-answers`: a bad network to try clients on, which watches what they do about it.
struct ProxyLostAnswers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy-lost-answers", abstract: "Try a client on a network that loses answers, and see what it does wrong.",
        discussion: """
            Stands between any client and any Signet: point the client to the proxy instead of the server. Renewals meet faults, all \
            else passes as it is. At the end, after Ctrl-C, it reports what happened and what the client did wrong.
            Status 0 when the client did nothing wrong, 1 when it did; with a command after --, which is run and finds the proxy in \
            SIGNET_SERVER, the command's own status when that is not 0.

                signet proxy-lost-answers --to https://id.example.com
                signet proxy-lost-answers --to https://id.example.com --report report.json -- ./test-my-app

            Without any fault or script, \(percent(.loseAnswer)) of the answers are lost, \(percent(.loseRequest)) of the requests, \
            \(percent(.cutAnswer)) of the answers are cut, \(percent(.answer(.status(503)))) answered with 503 and \
            \(percent(.answer(.portal))) by a captive portal. A script has one line for each renewal: \(FaultScript.words). \
            After its last line the network is good.
            """
    )

    @Option(help: "The server, such as https://id.example.com.") var to: String
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port to listen on; 0 is a free one.") var port = 0
    @Option(help: "A PEM file with the authorities to trust, instead of the system's.", completion: .file()) var caFile: String?
    @OptionGroup(title: "Faults, as shares of the renewals from 0 to 1") var faults: FaultOptions
    @Option(help: "Which requests meet faults: renewals or all.") var only = FaultyProxy.Scope.renewals
    @Option(help: "What was printed by an earlier run, to draw the same faults again.") var seed: UInt64?
    @Option(help: "A file with the fault of each renewal, instead of shares.", completion: .file()) var script: String?
    @Option(
        name: .customLong("allow"),
        help: "A mistake that is none for you, such as \(Mistake.keyless.rawValue); may be repeated.")
    var allowed: [Mistake] = []
    @Option(help: "Write the report to this file too, as JSON.", completion: .file()) var report: String?
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "A line for each request, also where nobody is at a terminal.") var verbose = false
    @Argument(parsing: .postTerminator, help: "Run this command, and end with it.") var command: [String] = []

    func validate() throws {
        guard UpstreamAddress(to) != nil else { throw ValidationError("'\(to)' is not the URL of a server.") }
        guard (0...65_535).contains(port) else { throw ValidationError("'\(port)' is not a port.") }
        guard script == nil || (!faults.isAny && seed == nil) else {
            throw ValidationError("A script says which renewal meets which fault; give it without shares and seed.")
        }
        try faults.check()
    }

    func run() async throws {
        guard let address = UpstreamAddress(to) else { throw CommandFailure("'\(to)' is not the URL of a server.") }
        let seed = seed ?? UInt64.random(in: 0..<1_000_000_000)
        let source = script.map { "script \($0)" } ?? "seed \(seed)"
        let output = ProxyOutput(isJSON: json, isCommands: !command.isEmpty)
        let watch = ProxyWatch(allowing: Set(allowed), isTold: verbose || isatty(STDERR_FILENO) == 1, isWordy: verbose)
        let proxy = FaultyProxy(before: try upstream(address), plan: try plan(seed: seed), scope: only, watch: watch.see)

        let end = await EndSignal()
        let startedAt = SystemWallClock().now
        warn(address)
        let status = try await listen(proxy) { port in
            let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            output.line("The proxy is ready at \(url)")
            Output.note("It stands before \(address.url); \(source).")
            guard !command.isEmpty else {
                await end.wait()
                return 0
            }
            return try await ProxiedCommand(command, server: url).run(until: end)
        }
        let report = ProxyReport(
            server: address.url, source: source, startedAt: startedAt, endedAt: SystemWallClock().now, seen: watch.judge)
        try write(report, to: output)
        if status != 0 { throw ExitCode(status) }
        guard report.seen.findings.isEmpty else { throw ExitCode.failure }
    }

    private func write(_ report: ProxyReport, to output: ProxyOutput) throws {
        if let file = self.report {
            do {
                try Data((report.json.indentedText + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
            } catch {
                throw CommandFailure("The report cannot be written to \(file).")
            }
        }
        for line in json ? [report.json.indentedText] : report.lines { output.result(line) }
    }

    private func upstream(_ address: UpstreamAddress) throws -> Upstream {
        do {
            return try Upstream(address, trusting: caFile)
        } catch {
            throw CommandFailure(
                caFile.map { "No certificates can be read from \($0)." }
                    ?? "The system's certificates cannot be read; give --ca-file.")
        }
    }

    private func listen(_ proxy: FaultyProxy, _ body: (Int) async throws -> Int32) async throws -> Int32 {
        do {
            return try await proxy.run(host: host, port: port, body)
        } catch let error as ListeningFailed {
            throw ServeProblem.cannotListen(host, port, error.code)
        }
    }

    private func plan(seed: UInt64) throws -> FaultPlan {
        guard let script else { return FaultPlan(faults.chances, seed: seed) }
        guard let text = try? String(contentsOfFile: script, encoding: .utf8) else {
            throw ValidationError("The script \(script) cannot be read.")
        }
        do {
            return FaultPlan(try FaultScript.faults(in: text))
        } catch {
            throw ValidationError(
                "Line \(error.line) of \(script) is none of the script's words: '\(Output.withoutControlCharacters(error.text))'; they are \(FaultScript.words)."
            )
        }
    }

    private func warn(_ address: UpstreamAddress) {
        if !IssuerURL.isLoopback(host) {
            Output.note("Warning: the proxy listens on \(host) without TLS; passwords and tokens pass in plain text.")
        }
        if !address.isTLS, !IssuerURL.isLoopback(address.host) {
            Output.note("Warning: \(address.url) is reached without TLS; passwords and tokens pass in plain text.")
        }
    }

    private static func percent(_ kind: FaultChances.Kind) -> String {
        let share = FaultChances.usual.first { $0.kind == kind }?.share ?? 0
        return "\(Int((share * 100).rounded())) %"
    }
}

extension FaultyProxy.Scope: ExpressibleByArgument {}
extension Mistake: ExpressibleByArgument {}
