import Foundation
import SignetTokens

/// How commands print: lines and tables for people, JSON for programs.
enum Output {
    /// A line on standard output, at once: others may be waiting for it.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// A line for people on standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A value as indented JSON.
    static func json(_ value: JSONValue) {
        line(value.indentedText)
    }

    /// Columns as wide as what is in them.
    static func table(_ header: [String], _ rows: [[String]]) {
        let printable = rows.map { $0.map(withoutControlCharacters) }
        let widths = header.indices.map { column in ([header] + printable).map { $0[column].count }.max() ?? 0 }
        for row in [header] + printable {
            let cells = zip(row, widths).map { $0.padding(toLength: max($1, $0.count), withPad: " ", startingAt: 0) }
            line(cells.joined(separator: "  ").trimmingTrailingSpaces)
        }
    }

    /// Names come from strangers: what would steer the terminal is not printed.
    static func withoutControlCharacters(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
