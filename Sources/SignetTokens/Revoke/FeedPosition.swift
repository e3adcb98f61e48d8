/// A place in the revocation feed: opaque to readers, who only give it back. It holds the log's epoch and one number for each shard.
public struct FeedPosition: Hashable, Sendable, CustomStringConvertible {
    /// The longest text that is looked at.
    public static let maximumLength = 4096

    /// Which log it is a place in: a restored or moved database begins a new one.
    public let epoch: String
    /// The last entry seen, by shard.
    public let numbers: [Int64]

    /// A place in a log.
    public init(epoch: String, numbers: [Int64]) {
        self.epoch = epoch
        self.numbers = numbers
    }

    /// Reads a position as a reader gave it back; `nil` when it is malformed.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let epoch = parts.first, !epoch.isEmpty, epoch.utf8.allSatisfy(Self.isEpochCharacter), parts.count > 1 else {
            return nil
        }
        // One spelling for each number, the one it is written in.
        let numbers = parts.dropFirst().compactMap { part in Int64(part).flatMap { $0 >= 0 && String($0) == part ? $0 : nil } }
        guard numbers.count == parts.count - 1 else { return nil }
        self.init(epoch: String(epoch), numbers: numbers)
    }

    /// The text that readers are given: only `A-Z a-z 0-9 . _ -`.
    public var description: String {
        ([epoch] + numbers.map(String.init)).joined(separator: ".")
    }

    private static func isEpochCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }
}
