import Testing

@testable import SignetServer

@Suite("Addresses and trusted proxies")
struct TrustedProxiesTests {
    @Test(
        "a range holds its addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3/8", "10.9.9.9", true),
            ("192.0.2.128/25", "192.0.2.128", true), ("192.0.2.128/25", "192.0.2.127", false), ("0.0.0.0/0", "203.0.113.9", true),
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("192.0.2.7/32", "192.0.2.7", true),
            ("2001:db8::/32", "2001:db8:1::9", true), ("2001:db8::/32", "2001:db9::", false), ("::1", "0:0:0:0:0:0:0:1", true),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("0.0.0.0/0", "::1", false), ("::/0", "10.0.0.1", false),
            ("10.0.0.0/8", "ten", false), ("10.0.0.0/8", "10.0.0.1 ", false), ("10.0.0.0/8", "", false),
        ]
    )
    func contains(range: String, address: String, isInside: Bool) {
        #expect(AddressRange(range)?.contains(address) == isInside)
    }

    @Test(
        "what is no range is none",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "10.0.0.0/8/8", "::/129", "proxy",
            "10.0.0.0/ 8", "fe80::1%eth0", "010.0.0.0/8",
        ]
    )
    func refuses(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "the client is the last address in the chain that no trusted proxy has",
        arguments: [
            ("203.0.113.9", [], "203.0.113.9"), ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"), ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"), ("10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
            ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"), ("10.0.0.1", ["1.1.1.1,10.0.0.2"], "1.1.1.1"),
            ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"), ("10.0.0.1", ["1.1.1.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", ["1.1.1.1, "], "10.0.0.1"), ("10.0.0.1", ["1.1.1.1:80"], "10.0.0.1"),
            ("10.0.0.1", ["\t1.1.1.1 "], "1.1.1.1"), ("10.0.0.1", ["1. 1.1.1"], "10.0.0.1"),
            ("10.0.0.1", ["2001:DB8::0:1"], "2001:db8::1"), ("::ffff:10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
            ("::ffff:1.1.1.1", [], "1.1.1.1"), (nil, ["1.1.1.1"], nil),
        ] as [(String?, [String], String?)]
    )
    func findsClient(peer: String?, forwarded: [String], client: String?) throws {
        let proxies = TrustedProxies(ranges: [try #require(AddressRange("10.0.0.0/8"))])

        #expect(proxies.clientAddress(peer: peer, forwardedFor: forwarded) == client)
    }
}
