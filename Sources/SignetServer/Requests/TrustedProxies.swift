import Foundation

/// A range of network addresses, written as CIDR: `10.0.0.0/8`, `::1/128`, or one address alone.
public struct AddressRange: Hashable, Sendable {
    private let bytes: [UInt8]
    private let prefix: Int

    /// Reads a range; `nil` when it is not one.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            prefix = bytes.count * 8
            return
        }
        guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let prefix = Int(parts[1]),
            (0...bytes.count * 8).contains(prefix)
        else { return nil }
        self.prefix = prefix
    }

    /// Whether an address, written as text, lies in the range.
    public func contains(_ address: String) -> Bool {
        guard let other = Self.canonical(address).flatMap(Self.bytes), other.count == bytes.count else { return false }
        return (0..<prefix).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return bytes[bit / 8] & mask == other[bit / 8] & mask
        }
    }

    /// An address's octets; `nil` for a text that is no address.
    private static func bytes(of address: String) -> [UInt8]? {
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, address, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// An address in its usual spelling; `nil` for a text that is no address.
    ///
    /// A socket that listens on IPv6 shows IPv4 peers as `::ffff:192.0.2.1`: that is the same address, and must not slip past a range.
    static func canonical(_ address: String) -> String? {
        guard let bytes = bytes(of: address) else { return nil }
        if bytes.count == 16, bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
            return bytes.suffix(4).map(String.init).joined(separator: ".")
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Whose word about a client's address is believed: `X-Forwarded-For` counts only as far as it was written by these (RFC 9700, section 4.13).
struct TrustedProxies: Sendable {
    let ranges: [AddressRange]

    /// The address of the client: the last one in the chain that no trusted proxy has.
    func clientAddress(peer: String?, forwardedFor: [String]) -> String? {
        guard let peer else { return nil }
        let chain = forwardedFor.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        var address = AddressRange.canonical(peer) ?? peer
        for hop in chain.reversed() {
            guard isTrusted(address), let next = AddressRange.canonical(hop.trimmingCharacters(in: .whitespaces)) else { break }
            address = next
        }
        return address
    }

    private func isTrusted(_ address: String) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
