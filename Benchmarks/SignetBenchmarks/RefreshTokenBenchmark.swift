import Crypto
import SignetTokens

/// What throwing a forged refresh token away costs, against the one HMAC in it.
struct RefreshTokenBenchmark {
    func run() throws {
        let key = RefreshKey(version: 1, material: Secret(systemRandomBytes(32)))
        let other = RefreshKey(version: 1, material: Secret(systemRandomBytes(32)))
        let forged = RefreshToken(
            first: .random(systemRandomBytes), session: .random(systemRandomBytes), key: other, systemRandomBytes)
        let text = forged.text

        let symmetricKey = SymmetricKey(data: systemRandomBytes(32))
        let body = systemRandomBytes(69)
        var count = 0
        let bare = Rate.measure(batch: 1000) {
            count += Array(HMAC<SHA256>.authenticationCode(for: body, using: symmetricKey)).count
        }
        let whole = Rate.measure(batch: 1000) {
            if RefreshToken(parsing: text)?.isGenuine(under: key) != false { count = .min }
        }
        report("bare HMAC-SHA256 over 69 bytes", bare)
        report("forged refresh token, read and refused", whole, against: bare)
        print(count > 0 ? "" : "The forged token passed; these figures mean nothing.")
    }
}
