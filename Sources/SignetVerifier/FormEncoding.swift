/// `application/x-www-form-urlencoded` (WHATWG URL, section 5.2), as RFC 6749 appendix B asks for it.
enum FormEncoding {
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._".utf8)
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// The encoding of one name or value, as ASCII.
    static func encode(_ text: String) -> [UInt8] {
        text.utf8.flatMap { byte -> [UInt8] in
            if plain.contains(byte) { return [byte] }
            if byte == UInt8(ascii: " ") { return [UInt8(ascii: "+")] }
            return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
}
