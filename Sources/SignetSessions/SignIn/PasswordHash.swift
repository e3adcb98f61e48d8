package import SignetTokens

/// A password's Argon2id hash as a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` (RFC 9106; unpadded standard base64).
package struct PasswordHash: Sendable {
    /// The PHC string: not a password, but nothing to print either.
    package let text: Secret<String>
    /// What it cost to make.
    package let cost: PasswordCost

    /// Reads a PHC string. `nil` for other algorithms or versions, and for costs beyond what this server would ever spend: a stored
    /// hash must not be able to exhaust its memory.
    package init?(phc text: Secret<String>) {
        guard let cost = text.reveal({ PasswordCost(phc: $0) }) else { return nil }
        self.text = text
        self.cost = cost
    }

    /// Whether two are the same string.
    package func isSame(as other: PasswordHash) -> Bool {
        text.reveal { left in other.text.reveal { right in constantTimeEqual(Array(left.utf8), Array(right.utf8)) } }
    }
}

/// Argon2id's parameters (RFC 9106, section 3.1).
package struct PasswordCost: Hashable, Sendable {
    /// Memory in KiB.
    package let memory: UInt32
    /// Passes over it.
    package let passes: UInt32
    /// Lanes.
    package let parallelism: UInt32

    package init(memory: UInt32, passes: UInt32, parallelism: UInt32) {
        self.memory = memory
        self.passes = passes
        self.parallelism = parallelism
    }

    /// OWASP's minimum: 19 MiB, two passes, one lane.
    package static let standard = PasswordCost(memory: 19_456, passes: 2, parallelism: 1)

    /// The cost that brings this one's time up to that of `other`: as many passes over its memory as make up the difference.
    func rest(of other: PasswordCost) -> PasswordCost? {
        let difference = Int64(other.memory) * Int64(other.passes) - Int64(memory) * Int64(passes)
        let missing = UInt32(clamping: max(0, difference) / Int64(max(1, other.memory)))
        return missing == 0 ? nil : PasswordCost(memory: other.memory, passes: missing, parallelism: other.parallelism)
    }

    /// Whether a hash of this cost should be made anew under `other`.
    package func isWeaker(than other: PasswordCost) -> Bool {
        memory < other.memory || passes < other.passes || parallelism < other.parallelism
    }

    init?(phc text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0].isEmpty, fields[1] == "argon2id", fields[2] == "v=19" else { return nil }
        let parameters = fields[3].split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 3, let memory = Self.value(of: "m", in: parameters[0]),
            let passes = Self.value(of: "t", in: parameters[1]), let parallelism = Self.value(of: "p", in: parameters[2]),
            (1...16).contains(parallelism), (1...64).contains(passes), (8 * parallelism...1_048_576).contains(memory),
            (11...256).contains(fields[4].utf8.count), (16...256).contains(fields[5].utf8.count),
            (fields[4] + fields[5]).utf8.allSatisfy(Self.isBase64)
        else { return nil }
        self.init(memory: memory, passes: passes, parallelism: parallelism)
    }

    private static func value(of name: String, in parameter: Substring) -> UInt32? {
        guard parameter.hasPrefix(name + "=") else { return nil }
        let digits = parameter.dropFirst(name.count + 1)
        // `UInt32` would take a sign.
        return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(digits) : nil
    }

    private static func isBase64(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
