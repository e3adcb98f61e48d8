public import SignetTokens

/// Who calls, as their access token says; made by ``BearerAuthentication`` alone, once the token was verified.
public struct Caller: Sendable {
    /// The token's claims. Know people by `issuer` and `subject`, never by a name (VER-14).
    public let token: AccessToken
    /// The `kid` of the key that verified it.
    public let keyID: String

    /// The realm of later challenges to the same caller.
    let realm: String
}
