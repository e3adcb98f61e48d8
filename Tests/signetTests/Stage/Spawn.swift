import Foundation

/// Starts a program as a child process, with nothing of the test's own but what is named here.
///
/// Not Foundation's `Process`: that puts each child into a process group of its own, so that a Ctrl-C in the terminal would leave it running.
struct Spawn {
    /// A system call that failed, and its error number.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32

        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    let path: String
    let arguments: [String]
    let environment: [String: String]
    let directory: String?

    /// Starts it with these descriptors as standard input, output and error, and returns its process id.
    func callAsFunction(input: Int32, output: Int32, errors: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // A pipe or socket of another test, inherited, would never seem to close. Closing what is not open is no error here.
        for descriptor in 3..<Int32(min(sysconf(Int32(_SC_OPEN_MAX)), 4096)) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that the test runner ignores or blocks must reach the child.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        // env replaces itself by the program, so the process id stays the same.
        let program = directory == nil ? path : "/usr/bin/env"
        let command = directory.map { [program, "-C", $0, path] + arguments } ?? [path] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in argv + envp { free(string) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure(call: "starting \(path)", code: code) }
        return pid
    }
}
