import Configuration
import Foundation
import Yams

/// Where settings come from, strongest first: flags, environment, YAML file, defaults. Each value is kept as text until ``Settings`` reads it,
/// so that every source is checked alike.
package struct SettingsSources: Sendable {
    private let providers: [(name: String, provider: any ConfigProvider)]

    /// - Parameters:
    ///   - flags: what was given on the command line.
    ///   - environment: the process's environment; variables that begin with `SIGNET_` and are not settings are refused.
    ///   - file: the path of a YAML file, if one was named; else `SIGNET_CONFIG` may name one.
    /// - Throws: ``SettingsProblem``.
    package init(flags: [SettingKey: String], environment: [String: String], file: String?) throws(SettingsProblem) {
        let known = Set(SettingKey.allCases.map(\.variable)).union(Self.otherVariables)
        if let unknown = environment.keys.filter({ $0.hasPrefix("SIGNET_") && !known.contains($0) }).min() {
            throw SettingsProblem("There is no setting \(unknown); `signet serve --print-config` lists them all.")
        }
        var providers: [(String, any ConfigProvider)] = [("flag", Self.provider(flags))]
        let variables = SettingKey.allCases.compactMap { key in environment[key.variable].map { (key, $0) } }
        providers.append(("environment", Self.provider(Dictionary(uniqueKeysWithValues: variables))))
        if let file = file ?? environment["SIGNET_CONFIG"] { providers.append((file, Self.provider(try Self.read(file)))) }
        let defaults = SettingKey.allCases.compactMap { key in key.defaultText.map { (key, $0) } }
        providers.append(("default", Self.provider(Dictionary(uniqueKeysWithValues: defaults))))
        self.providers = providers
    }

    /// The strongest value of a setting, and where it came from.
    func value(of key: SettingKey) -> (text: String, source: String)? {
        let absolute = AbsoluteConfigKey(ConfigKey(key.rawValue))
        for (name, provider) in providers {
            if case .string(let text)? = (try? provider.value(forKey: absolute, type: .string))?.value?.content {
                return (text, name)
            }
        }
        return nil
    }

    /// Variables of the other commands.
    private static let otherVariables: Set<String> = ["SIGNET_SERVER", "SIGNET_STORE", "SIGNET_CONFIG"]

    private static func provider(_ values: [SettingKey: String]) -> any ConfigProvider {
        let pairs = values.map {
            (AbsoluteConfigKey(ConfigKey($0.key.rawValue)), ConfigValue(.string($0.value), isSecret: false))
        }
        return InMemoryProvider(values: Dictionary(uniqueKeysWithValues: pairs))
    }

    private static func read(_ path: String) throws(SettingsProblem) -> [SettingKey: String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsProblem("The configuration file \(path) cannot be read; check the path given with --config.")
        }
        var values: [SettingKey: String] = [:]
        // A file of comments alone says nothing, which is allowed.
        guard let root = try compose(data, path) else { return values }
        guard let mapping = root.mapping else { throw notAMapping(path) }
        try collect(mapping, under: "", of: path, into: &values)
        return values
    }

    private static func compose(_ data: Data, _ path: String) throws(SettingsProblem) -> Node? {
        guard let text = String(data: data, encoding: .utf8) else { throw notAMapping(path) }
        do {
            return try Yams.compose(yaml: text)
        } catch YamlError.duplicatedKeysInMapping(let names, _) {
            throw SettingsProblem("The setting \(names.first ?? "?") is in \(path) twice.")
        } catch {
            throw notAMapping(path)
        }
    }

    private static func notAMapping(_ path: String) -> SettingsProblem {
        SettingsProblem("The configuration file \(path) is not a YAML mapping; see `signet serve --print-config` for the names.")
    }

    private static func collect(
        _ mapping: Node.Mapping, under prefix: String, of path: String, into values: inout [SettingKey: String]
    ) throws(SettingsProblem) {
        for (key, node) in mapping {
            let name = prefix + (key.string ?? "?")
            if let nested = node.mapping {
                try collect(nested, under: name + ".", of: path, into: &values)
                continue
            }
            guard let key = SettingKey(rawValue: name) else {
                throw SettingsProblem("There is no setting \(name), as in \(path); `signet serve --print-config` lists them all.")
            }
            guard values[key] == nil else { throw SettingsProblem("The setting \(name) is in \(path) twice.") }
            if let list = node.sequence, key == .httpTrustedProxies, list.allSatisfy({ $0.scalar != nil }) {
                values[key] = list.compactMap(\.scalar?.string).joined(separator: ",")
            } else if let scalar = node.scalar?.string {
                values[key] = scalar
            } else {
                throw SettingsProblem("The setting \(name) in \(path) must be one value.")
            }
        }
    }
}

/// What is wrong with a setting, in one sentence; the process ends with status 64.
package struct SettingsProblem: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
