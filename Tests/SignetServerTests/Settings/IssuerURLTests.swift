import Testing

@testable import SignetServer

@Suite("An issuer's name")
struct IssuerURLTests {
    @Test(
        "is a URL without query, fragment and final slash (MET-2)",
        arguments: [
            ("https://id.example.com", ""), ("https://id.example.com:8443", ""), ("https://id.example.com/t1", "/t1"),
            ("https://id.example.com/a/b-c_d.e~f", "/a/b-c_d.e~f"), ("http://127.0.0.1:8080", ""), ("https://[::1]:1/x", "/x"),
        ]
    )
    func accepts(text: String, path: String) {
        let issuer = IssuerURL(text)

        #expect(issuer?.text == text)
        #expect(issuer?.path == path)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "id.example.com", "https://", "https:///x", "https://id.example.com/", "https://id.example.com/t1/",
            "https://id.example.com?x", "https://id.example.com#x", "https://ada@id.example.com", "ftp://id.example.com",
            "https://id.example.com/a b", "https://id.example.com//a", "https://id.example.com/a/../b",
            "https://id.example.com/.",
            "https://id.example.com/:a", "https://id.example.com/{a}", "https://id.example.com/*", "https://id.example.com/%61",
            "https://id.example.com/\u{E9}", "https://id.example.com\n", "javascript:alert(1)",
        ]
    )
    func refuses(text: String) {
        #expect(IssuerURL(text) == nil)
    }

    @Test(
        "knows whether its host is this machine alone",
        arguments: [
            ("http://localhost", true), ("http://127.0.0.1:1", true), ("http://127.255.255.255", true), ("http://[::1]", true),
            ("http://128.0.0.1", false), ("http://127.0.0.1.example.com", false), ("http://localhost.example.com", false),
            ("http://0.0.0.0", false), ("http://[::]", false),
        ]
    )
    func knowsLoopback(text: String, isLoopback: Bool) {
        #expect(IssuerURL(text)?.isLoopback == isLoopback)
    }
}
