/// A UUID (RFC 9562) that knows what it names, so that two ids cannot be swapped by mistake.
public struct Identifier<Kind>: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// An id from its 16 octets; `nil` for any other number of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// An id from its 36 characters, in either case; `nil` for anything else (RFC 9562, section 4).
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        var bytes: [UInt8] = []
        var half: UInt8?
        for (index, character) in text.utf8.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.value(ofHexDigit: character) else { return nil }
            if let first = half {
                bytes.append(first << 4 | digit)
                half = nil
            } else {
                half = digit
            }
        }
        self.init(bytes: bytes)
    }

    /// A new random id (version 4).
    public static func random(_ randomBytes: RandomBytes) -> Self {
        Self(version: 4, bytes: randomBytes(16))
    }

    /// A new id whose first 48 bits are the moment of its making (version 7), so that ids sort by age.
    public static func timeOrdered(at now: UnixTime, _ randomBytes: RandomBytes) -> Self {
        let stamp = UInt64(clamping: now.milliseconds)
        let time = (0..<6).map { UInt8(truncatingIfNeeded: stamp >> (40 - 8 * $0)) }
        return Self(version: 7, bytes: time + randomBytes(10))
    }

    /// The 16 octets.
    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }

    private init(version: UInt64, bytes: [UInt8]) {
        let words = bytes.chunkedWords
        high = words.0 & ~0xF000 | version << 12
        low = words.1 & ~(0b11 << 62) | 0b10 << 62
    }

    private static func value(ofHexDigit character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Identifier: CustomStringConvertible {
    /// The id's 36 characters, in lower case.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Identifier: Comparable {
    /// By octets, so version 7 ids sort by age.
    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension [UInt8] {
    /// The first sixteen bytes as two words.
    fileprivate var chunkedWords: (UInt64, UInt64) {
        (prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// What a ``UserID`` names.
public enum UserKind {}
/// What a ``SessionID`` names.
public enum SessionKind {}
/// What a ``TokenID`` names.
public enum TokenKind {}
/// What a ``RecoveryID`` names.
public enum RecoveryKind {}

/// A user; random, the `sub` of their access tokens.
public typealias UserID = Identifier<UserKind>
/// A session, which is one device's sign-in; time-ordered, the `sid` of its access tokens.
public typealias SessionID = Identifier<SessionKind>
/// One access token: its `jti`.
public typealias TokenID = Identifier<TokenKind>
/// A period in which the operator lets sessions go on from tokens newer than a restored database.
public typealias RecoveryID = Identifier<RecoveryKind>
