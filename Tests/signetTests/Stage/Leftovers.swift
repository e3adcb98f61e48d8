import Foundation

/// Ends what a test's process has left behind: its own children, which outlive a parent that was killed.
///
/// They are known by a mark in their environment, which every descendant inherits, whoever its parent is by now.
struct Leftovers {
    private static let name = "STARTED_BY_TEST"

    private let value = UUID().uuidString

    /// To be put into the environment of the process.
    var mark: [String: String] { [Self.name: value] }

    /// Kills every process with the mark, until there is none.
    func sweep() {
        var found = processes()
        while !found.isEmpty {
            for pid in found { kill(pid, SIGKILL) }
            found = processes()
        }
    }

    /// Those that live and have the mark.
    func processes() -> [pid_t] {
        let mark = Array("\(Self.name)=\(value)".utf8)
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            // The environment of a process that is dead already, and waits for its parent to look, is empty.
            guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
        }
    }
}
