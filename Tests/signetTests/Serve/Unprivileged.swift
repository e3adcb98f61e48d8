import Foundation

/// A program as somebody runs it whom the modes of files bind: root without its privileges, or whoever runs the tests.
struct Unprivileged {
    let path: String
    let arguments: [String]

    init(_ program: String, _ arguments: [String]) throws(Tool.Missing) {
        guard geteuid() == 0 else {
            path = program
            self.arguments = arguments
            return
        }
        path = try Tool.path("setpriv")
        self.arguments = ["--bounding-set=-all", "--inh-caps=-all", program] + arguments
    }
}
