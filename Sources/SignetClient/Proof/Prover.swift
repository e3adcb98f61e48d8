import HTTPTypes
import SignetTokens
import Synchronization

/// A key, and what finds it again.
struct BoundKey: Sendable {
    let key: any ProofKey
    let reference: Secret<[UInt8]>
}

/// Makes the proofs that go with requests, and knows what each origin wants to see in them (RFC 9449, section 8).
final class Prover: Sendable {
    private let keys: any ProofKeys
    private let randomBytes: RandomBytes
    /// The newest nonce of each origin.
    private let nonces = Mutex<[String: String]>([:])

    /// Whether new sign-ins get a key.
    let bindsSignIns: Bool

    /// - Parameter keys: where the keys of new sign-ins come from; `nil` binds none. Sessions that are bound stay so.
    init(keys: (any ProofKeys)?, randomBytes: @escaping RandomBytes) {
        self.keys = keys ?? SoftwareProofKeys()
        self.randomBytes = randomBytes
        bindsSignIns = keys != nil
    }

    /// The key for a new sign-in, when it shall have one.
    func newKey() async throws(SignetClientError) -> BoundKey? {
        guard bindsSignIns else { return nil }
        do {
            let (key, reference) = try await keys.make()
            return BoundKey(key: key, reference: reference)
        } catch {
            throw .proofKeyUnusable
        }
    }

    /// The key of a session, when it has one.
    func key(of session: StoredSession) async throws(SignetClientError) -> (any ProofKey)? {
        guard let reference = session.proofKey else { return nil }
        do {
            return try await keys.key(for: reference)
        } catch {
            throw .proofKeyUnusable
        }
    }

    /// The request with a proof for it.
    /// - Parameters:
    ///   - accessToken: the access token that goes along.
    ///   - moment: the present, by the clock of whoever gets it.
    func proven(
        _ request: HTTPRequest, by key: any ProofKey, accessToken: Secret<String>? = nil, at moment: UnixTime
    ) async throws(SignetClientError) -> ProvenRequest {
        let nonce = nonces.withLock { $0[request.origin] }
        let proof = DPoPProof(
            method: request.method.rawValue, url: request.origin + (request.path ?? "/"), id: Base64URL.string(randomBytes(16)),
            issuedAt: moment, accessToken: accessToken, nonce: nonce)
        do {
            let text = try await proof.signed(with: key)
            var request = request
            request.headerFields.setProof(text.reveal { copy $0 })
            return ProvenRequest(request: request, moment: moment, nonce: nonce)
        } catch {
            throw .proofKeyUnusable
        }
    }

    /// Learns from an answer, and says for which moment a proof would be better than the one that was sent.
    ///
    /// Asking it once for each request is enough: a new nonce, or the time by the clock of whoever answers.
    /// - Parameter errors: what the answer says is wrong.
    /// - Returns: `nil` when another try would be no better.
    func correction(after response: HTTPResponse, to proven: ProvenRequest, errors: [String]) -> UnixTime? {
        let nonce = response.headerFields.proofNonce
        if let nonce { nonces.withLock { $0[proven.request.origin] = nonce } }
        if errors.contains("use_dpop_nonce"), let nonce, nonce != proven.nonce { return proven.moment }

        guard errors.contains("invalid_dpop_proof"), let date = response.headerFields[.date].flatMap(UnixTime.init(httpDate:))
        else {
            return nil
        }
        // A header has whole seconds, and the answer was on its way.
        let isOff = abs(date.duration(to: proven.moment).wholeMilliseconds) > 3000
        return isOff ? date : nil
    }
}

/// A request with a proof, and what the proof was made from.
struct ProvenRequest: Sendable {
    let request: HTTPRequest
    fileprivate let moment: UnixTime
    fileprivate let nonce: String?
}

extension HTTPRequest {
    fileprivate var origin: String { "\(scheme ?? "https")://\(authority ?? "")" }
}

extension HTTPFields {
    /// The header `DPoP`.
    fileprivate mutating func setProof(_ text: String) {
        guard let name = HTTPField.Name("DPoP") else { return }
        self[name] = text
    }

    /// The header `DPoP-Nonce`; `nil` where it has other characters than section 8.1 allows.
    fileprivate var proofNonce: String? {
        guard let name = HTTPField.Name("DPoP-Nonce"), let text = self[name], (1...512).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        else {
            return nil
        }
        return text
    }
}
