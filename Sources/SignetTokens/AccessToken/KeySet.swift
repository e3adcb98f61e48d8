/// A JSON Web Key Set (RFC 7517, section 5): the public keys of one issuer.
public struct KeySet: Sendable {
    /// The usable keys, in the order of the document.
    public let keys: [PublicKey]

    /// A set of keys; of keys with the same `kid` that differ, none is kept, for nobody could say which one was meant.
    public init(_ keys: [PublicKey]) {
        let byID = Dictionary(grouping: keys, by: \.keyID)
        self.keys = keys.enumerated().filter { index, key in
            let namesakes = byID[key.keyID] ?? []
            // Of identical ones, the first.
            return namesakes.allSatisfy { $0.thumbprint == key.thumbprint } && keys.firstIndex { $0.keyID == key.keyID } == index
        }.map(\.element)
    }

    /// Reads the document; keys that Signet has no use for are skipped, the rest stays usable. `nil` when it is no key set at all.
    public init?(parsing bytes: some Collection<UInt8>) {
        guard let document = try? JSONValue(parsing: bytes), let keys = document.object?["keys"]?.array else { return nil }
        self.init(keys.compactMap { $0.object.flatMap(PublicKey.init(jwk:)) })
    }

    /// The document as published.
    public var json: JSONValue {
        ["keys": .array(keys.map { .object($0.jwk) })]
    }

    /// The key that a token names: exactly this `kid`; without one, the only key of that algorithm, if there is only one.
    public func key(named keyID: String?, algorithm: SignatureAlgorithm) -> PublicKey? {
        if let keyID { return keys.first { $0.keyID.hasSameBytes(as: keyID) } }
        let candidates = keys.filter { $0.algorithm == algorithm }
        return candidates.count == 1 ? candidates.first : nil
    }
}
