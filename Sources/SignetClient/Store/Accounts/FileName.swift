/// A file's name for any text: the same for the same text, another for another, also where upper and lower case are one.
struct FileName: Sendable {
    let text: String

    /// Letters of the alphabet, digits and `-_.@+` stand for themselves, every other byte for `%` and its number.
    init(encoding name: String) {
        text = name.utf8.map { byte in
            Self.plain.contains(byte) ? String(decoding: [byte], as: UTF8.self) : "%" + Self.hexadecimal(byte)
        }.joined()
    }

    /// The text that has this name; `nil` when none has.
    static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let number = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(number)
            rest = rest.dropFirst(2)
        }
        guard let name = String(validating: bytes, as: UTF8.self), FileName(encoding: name).text == text else { return nil }
        return name
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789-_.@+".utf8)

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
