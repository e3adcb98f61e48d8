import SignetTokens
import Testing

@testable import SignetVerifier

@Suite("Proving who asks")
struct ResourceServerCredentialTests {
    @Test(
        "id and secret are form-encoded before they are joined (RFC 6749, section 2.3.1)",
        arguments: [
            ("notes-api", "s3cret", "Basic bm90ZXMtYXBpOnMzY3JldA=="),
            // python3: base64(quote_plus(id) + ":" + quote_plus(secret))
            ("a:b", "c d+é%", "Basic YSUzQWI6YytkJTJCJUMzJUE5JTI1"),
        ])
    func basic(_ id: String, _ secret: String, _ field: String) {
        #expect(ResourceServerCredential.basic(id, Secret(secret)).authorization == field)
    }
}
