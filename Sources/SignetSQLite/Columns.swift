import Foundation
import GRDB
import SignetSessions
import SignetTokens

/// A column that does not hold what this schema puts there: the file was changed by something else.
struct DamagedColumn: Error {
    let name: String
}

extension Row {
    /// A column's value, made into what it stands for.
    func value<Stored: DatabaseValueConvertible & StatementColumnConvertible, Value>(
        _ name: String, _ read: (Stored) -> Value?
    ) throws -> Value {
        guard let stored = self[name] as Stored?, let value = read(stored) else { throw DamagedColumn(name: name) }
        return value
    }

    /// Likewise, where it may be NULL.
    func optional<Stored: DatabaseValueConvertible & StatementColumnConvertible, Value>(
        _ name: String, _ read: (Stored) -> Value?
    ) throws -> Value? {
        guard self[name] as DatabaseValue? != nil, !(self[name] as DatabaseValue).isNull else { return nil }
        return try value(name, read)
    }

    func moment(_ name: String) throws -> UnixTime {
        try value(name) { (milliseconds: Int64) in UnixTime(milliseconds: milliseconds) }
    }

    func optionalMoment(_ name: String) throws -> UnixTime? {
        try optional(name) { (milliseconds: Int64) in UnixTime(milliseconds: milliseconds) }
    }

    func identifier<Kind>(_ name: String) throws -> Identifier<Kind> {
        try value(name) { (data: Data) in Identifier(bytes: data) }
    }

    func strings(_ name: String) throws -> [String] {
        try value(name) { (text: String) in (try? JSONValue(parsing: text.utf8))?.strings }
    }
}

extension Identifier {
    var column: Data { Data(bytes) }
}

extension SHA256Hash {
    var column: Data { Data(bytes) }
}

extension [String] {
    /// A list in one column, as JSON.
    var column: String { String(decoding: JSONValue.array(map(JSONValue.string)).bytes, as: UTF8.self) }
}

extension Lifetime {
    /// Milliseconds; -1 is never.
    var column: Int64 { duration?.wholeMilliseconds ?? -1 }

    init(column: Int64) {
        self = column < 0 ? .never : .limited(.milliseconds(column))
    }
}
