import Foundation

/// An IPv4 or IPv6 address.
package struct NetworkAddress: Hashable, Sendable {
    /// The 4 or 16 octets.
    package let bytes: [UInt8]

    /// Reads an address; `nil` for a text that is none.
    ///
    /// A socket that listens on IPv6 shows IPv4 peers as `::ffff:192.0.2.1`: that is the same address, and must not slip past a range.
    package init?(_ text: String) {
        guard let bytes = Self.octets(of: text) else { return nil }
        let isMapped = bytes.count == 16 && bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.init(bytes: isMapped ? Array(bytes.suffix(4)) : bytes)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private static func octets(of text: String) -> [UInt8]? {
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// The address with everything after its first bits set to zero.
    package func masked(to bits: Int) -> NetworkAddress {
        NetworkAddress(
            bytes: bytes.enumerated().map { index, byte in
                let kept = min(max(bits - index * 8, 0), 8)
                return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            })
    }

    /// What one party has to itself: an address of IPv4, 64 bits of IPv6.
    package var subscriber: NetworkAddress { bytes.count == 4 ? self : masked(to: 64) }

    /// The network around it, coarse enough to be nobody's own: 24 bits of IPv4, 48 of IPv6.
    package var network: String {
        let bits = bytes.count == 4 ? 24 : 48
        return "\(masked(to: bits))/\(bits)"
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// The usual spelling.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
