import SignetTokens

/// Finds a refresh token in bytes of any kind.
enum RefreshTokenSearch {
    private static let prefix = Array("sgr1_".utf8)
    private static let length = 119
    /// What is no whole token, but more than the name of one.
    private static let shortest = 25

    /// The first that is found; its mark is `nil` when it is not whole.
    static func find(in bytes: some Collection<UInt8>) -> (mark: TokenMark?, Void)? {
        var rest = bytes[...]
        while let start = rest.firstIndex(of: prefix[0]) {
            rest = rest[start...]
            if rest.starts(with: prefix) {
                let text = String(decoding: rest.prefix(length).prefix { isTokenCharacter($0) }, as: UTF8.self)
                if text.utf8.count >= shortest { return (TokenMark(Secret(text)), ()) }
            }
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
