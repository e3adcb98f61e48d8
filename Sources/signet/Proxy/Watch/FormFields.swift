import SignetTokens

/// The fields of a form (`application/x-www-form-urlencoded`), read as forgivingly as any reader of it could.
struct FormFields: Sendable {
    private let fields: [(name: String, value: Secret<String>)]

    init(_ bytes: some Collection<UInt8>) {
        fields = bytes.split(separator: UInt8(ascii: "&")).map { field in
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.text(parts[0]), Secret(parts.count > 1 ? Self.text(parts[1]) : ""))
        }
    }

    /// The value of the first field of that name; an empty one counts as none.
    subscript(name: String) -> Secret<String>? {
        guard let value = fields.first(where: { $0.name == name })?.value, value.reveal({ !$0.isEmpty }) else { return nil }
        return value
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
