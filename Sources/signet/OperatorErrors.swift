import SignetSQLite
import SignetServer
import SignetSessions

extension SQLiteProblem: OperatorError {}
extension MasterKeyFileProblem: OperatorError {}
extension ServeProblem: OperatorError {}
extension IssuerProblem: OperatorError {}

/// What went wrong in a command, in one sentence.
struct CommandFailure: OperatorError, Equatable {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
