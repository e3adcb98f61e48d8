/// A set of scope tokens (RFC 6749, section 3.3); order and duplicates carry no meaning, so it is kept sorted.
public struct Scope: Hashable, Sendable {
    /// The scope tokens, sorted, each once.
    public let tokens: [String]

    /// Reads a space-delimited list; `nil` when it breaks the grammar `scope-token *( SP scope-token )`. The empty text is no scope at all.
    public init?(_ text: String) {
        let parts = text.isEmpty ? [] : text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isScopeCharacter) }) else { return nil }
        self.init(of: parts.map { String(decoding: $0, as: UTF8.self) })
    }

    /// No scope.
    public static let none = Scope(of: [])

    /// Whether each of these tokens is also in `other`.
    public func isSubset(of other: Scope) -> Bool {
        tokens.allSatisfy(other.contains)
    }

    /// Whether the scope holds this token.
    public func contains(_ token: String) -> Bool {
        tokens.contains(token)
    }

    /// The tokens that satisfy a condition.
    public func filter(_ isIncluded: (String) -> Bool) -> Scope {
        Scope(of: tokens.filter(isIncluded))
    }

    /// The tokens that both have.
    public func intersection(_ other: Scope) -> Scope {
        filter(other.contains)
    }

    private init(of tokens: some Sequence<String>) {
        self.tokens = Set(tokens).sorted()
    }

    private static func isScopeCharacter(_ character: UInt8) -> Bool {
        character == 0x21 || (0x23...0x5B).contains(character) || (0x5D...0x7E).contains(character)
    }
}

extension Scope: CustomStringConvertible {
    /// The tokens, separated by spaces.
    public var description: String { tokens.joined(separator: " ") }
}

extension Scope: ExpressibleByStringLiteral {
    /// A scope written in code; tokens that break the grammar are left out.
    public init(stringLiteral text: String) {
        self.init(of: text.split(separator: " ").map(String.init).filter { Scope($0) != nil })
    }
}
