import SignetSessions
import Testing

@Suite("Where a request came from")
struct OriginTests {
    @Test(
        "has the user agent on one line, without what would steer a terminal, and at most 200 characters of it",
        arguments: [
            ("Phone/1.0 (\u{1F4F1})", "Phone/1.0 (\u{1F4F1})"), ("a\r\nb\tc\u{1B}[2Jd\u{85}e\u{2028}f\u{2029}g", "abc[2Jdefg"),
            (String(repeating: "x", count: 201), String(repeating: "x", count: 200)),
            (String(repeating: "\n", count: 201) + "x", "x"),
            // A character may have marks without end.
            ("e" + String(repeating: "\u{301}", count: 5000), "e" + String(repeating: "\u{301}", count: 199)),
        ])
    func shortens(userAgent: String, kept: String) {
        #expect(Origin(userAgent: userAgent).userAgent?.unicodeScalars.elementsEqual(kept.unicodeScalars) == true)
    }

    @Test(
        "is kept as the operator says",
        arguments: [
            (.network, Origin(address: "192.0.2.0/24", userAgent: "Phone/1")),
            (.full, Origin(address: "192.0.2.7", userAgent: "Phone/1")), (.none, Origin()),
        ] as [(OriginKeeping, Origin)])
    func keeps(keeping: OriginKeeping, kept: Origin) {
        let origin = Origin(address: "192.0.2.7", userAgent: "Phone/1", requestID: "request-1")

        #expect(keeping.kept(of: origin) == kept)
    }

    @Test(
        "lies in a network that is nobody's own: 24 bits of IPv4, 48 of IPv6 (SES-2)",
        arguments: [
            ("192.0.2.7", "192.0.2.0/24"), ("255.255.255.255", "255.255.255.0/24"), ("::ffff:192.0.2.7", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"), ("2001:DB8:ffff:ffff::1", "2001:db8:ffff::/48"), ("::1", "::/48"),
            ("unix", nil), ("", nil), ("192.0.2.7/24", nil), ("010.0.0.1", nil), ("fe80::1%eth0", nil),
        ] as [(String, String?)])
    func coarsens(address: String, network: String?) {
        #expect(NetworkAddress(address)?.network == network)
        #expect(OriginKeeping.network.kept(of: Origin(address: address)).address == network)
    }

    @Test(
        "is masked bit by bit",
        arguments: [
            (0, "0.0.0.0"), (1, "128.0.0.0"), (9, "255.128.0.0"), (31, "255.255.255.254"), (32, "255.255.255.255"),
        ])
    func masks(bits: Int, masked: String) {
        #expect(NetworkAddress("255.255.255.255")?.masked(to: bits).description == masked)
    }
}
