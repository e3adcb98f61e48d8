import Crypto
import SignetTestKit
import SignetTokens
import Testing

@Suite("Proof of possession for one request")
struct DPoPProofTests {
    /// RFC 9449, section 4.1 and 7.1: the same key, with a token and without.
    static let published: [(proof: DPoPProof, text: String)] = [
        (
            DPoPProof(
                method: "POST", url: "https://server.example.com/token", id: "-BwC3ESc6acc2lTc",
                issuedAt: UnixTime(seconds: 1_562_262_616)),
            "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
                + "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
                + ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwi"
                + "aWF0IjoxNTYyMjYyNjE2fQ"
                + ".2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
        ),
        (
            DPoPProof(
                method: "GET", url: "https://resource.example.org/protectedresource", id: "e1j3V_bKic8-LAEB",
                issuedAt: UnixTime(seconds: 1_562_262_618),
                accessToken: Secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")),
            "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
                + "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
                + ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0"
                + "ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9"
                + ".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
        ),
    ]

    @Test("DPO-2: what is signed is RFC 9449's, byte for byte, and so is the key's thumbprint", arguments: published.indices)
    func vectors(index: Int) throws {
        let (proof, text) = Self.published[index]
        let theirs = try CompactJWS(parsing: text.utf8)

        #expect(JSONValue.object(proof.claims).bytes == theirs.payload)
        let key = try #require(theirs.header["jwk"]?.object.flatMap { PublicKey(jwk: $0) })
        #expect(key.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        // The key as we write it is as they write it, but for the order of its members.
        let parameters = try #require(theirs.header["jwk"]?.object).members.map(\.name)
        #expect(Set(key.parameters.members.map(\.name)) == Set(parameters))
        #expect(key.parameters.members.allSatisfy { theirs.header["jwk"]?.object?[$0.name] == $0.value })
    }

    @Test("DPO-1: other people's software verifies it, and finds every claim", arguments: ["ES256", "EdDSA"])
    func judged(algorithm: String) async throws {
        let key =
            algorithm == "ES256"
            ? SigningKey(es256: P256.Signing.PrivateKey()) : SigningKey(edDSA: Curve25519.Signing.PrivateKey())
        let token = Secret("eyJ.an.access-token")
        let proof = DPoPProof(
            method: "PUT", url: "https://api.example.com:8443/notes/%C3%A9?tag=a#top", id: "an id",
            issuedAt: UnixTime(milliseconds: 1_700_000_000_999), accessToken: token, nonce: "eyJ7S_zG.eyJH0-Z.HX4w-7v")
        let text = try await proof.signed(with: key).reveal { copy $0 }
        var forged = text
        forged.replaceSubrange(
            forged.lastIndex(of: ".").map { $0..<forged.endIndex } ?? forged.endIndex..<forged.endIndex, with: "")
        forged += "." + Base64URL.string([UInt8](repeating: 9, count: 64))

        let answers = try PyJWT.answers(to: ["prove": [.string(text), .string(forged)]])

        let header = try #require(answers.first?["header"]?.object)
        #expect(header["typ"] == "dpop+jwt" && header["alg"] == .string(algorithm))
        #expect(header["jwk"]?.object?["d"] == nil && header["kid"] == nil)
        let claims = try #require(answers.first?["claims"]?.object)
        #expect(claims["htm"] == "PUT" && claims["htu"] == "https://api.example.com:8443/notes/%C3%A9")
        #expect(claims["jti"] == "an id" && claims["iat"] == 1_700_000_000)
        #expect(claims["ath"] == .string(Base64URL.string(SHA256.hash(data: Array("eyJ.an.access-token".utf8)))))
        #expect(claims["nonce"] == "eyJ7S_zG.eyJH0-Z.HX4w-7v")
        #expect(claims.members.count == 6)
        #expect(answers.last?["refused"] != nil)
    }

    @Test("without a token and a nonce it says nothing of either")
    func bare() {
        let proof = DPoPProof(method: "GET", url: "https://a.example/", id: "x", issuedAt: UnixTime(seconds: 1))

        #expect(proof.claims.members.map(\.name) == ["jti", "htm", "htu", "iat"])
    }
}
