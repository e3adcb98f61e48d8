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

    /// Whether a hash of this cost should be made anew under `other`.
    package func isWeaker(than other: PasswordCost) -> Bool {
        memory < other.memory || passes < other.passes || parallelism < other.parallelism
    }

    init?(phc text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0].isEmpty, fields[1] == "argon2id", fields[2] == "v=19" else { return nil }
        let parameters = fields[3].split(separator: ",").compactMap { parameter -> (Substring, UInt32)? in
            let sides = parameter.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, let value = UInt32(sides[1]) else { return nil }
            return (sides[0], value)
        }
        guard parameters.map(\.0) == ["m", "t", "p"], (8...1_048_576).contains(parameters[0].1),
            (1...64).contains(parameters[1].1),
            (1...16).contains(parameters[2].1), (11...256).contains(fields[4].utf8.count),
            (16...256).contains(fields[5].utf8.count)
        else { return nil }
        self.init(memory: parameters[0].1, passes: parameters[1].1, parallelism: parameters[2].1)
    }
}
