import Foundation
import SignetSessions

/// A range of network addresses, written as CIDR: `10.0.0.0/8`, `::1/128`, or one address alone.
public struct AddressRange: Hashable, Sendable {
    private let network: NetworkAddress
    private let prefix: Int

    /// Reads a range; `nil` when it is not one.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = NetworkAddress(String(parts[0])) else { return nil }
        let length = address.bytes.count * 8
        guard parts.count == 2 else {
            (network, prefix) = (address, length)
            return
        }
        guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let prefix = Int(parts[1]),
            (0...length).contains(prefix)
        else { return nil }
        (network, self.prefix) = (address.masked(to: prefix), prefix)
    }

    /// Whether an address, written as text, lies in the range.
    public func contains(_ address: String) -> Bool {
        NetworkAddress(address)?.masked(to: prefix) == network
    }
}

/// Whose word about a client's address is believed: `X-Forwarded-For` counts only as far as it was written by these (RFC 9700, section 4.13).
struct TrustedProxies: Sendable {
    let ranges: [AddressRange]

    /// The address of the client: the last one in the chain that no trusted proxy has.
    func clientAddress(peer: String?, forwardedFor: [String]) -> String? {
        guard let peer else { return nil }
        let chain = forwardedFor.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        var address = NetworkAddress(peer)?.description ?? peer
        for hop in chain.reversed() {
            guard isTrusted(address), let next = NetworkAddress(hop.trimmingCharacters(in: .whitespaces)) else { break }
            address = next.description
        }
        return address
    }

    private func isTrusted(_ address: String) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
