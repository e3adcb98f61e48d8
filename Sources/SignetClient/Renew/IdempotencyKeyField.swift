package import HTTPTypes

extension HTTPFields {
    /// The header `Idempotency-Key`, a quoted string (draft-ietf-httpapi-idempotency-key-header, section 2.1).
    package mutating func setIdempotencyKey(_ quoted: String?) {
        guard let name = HTTPField.Name("Idempotency-Key") else { return }
        self[name] = quoted
    }
}
