public import Foundation

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Arithmetic saturates instead of trapping, for the numbers come from tokens and settings.
public struct UnixTime: InstantProtocol, Hashable, Sendable {
    /// Milliseconds since 1970.
    public let milliseconds: Int64

    /// A moment given in milliseconds since 1970.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A moment given in seconds since 1970, as `iat` and `exp` are (RFC 7519, section 2).
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// A moment given as a Foundation date.
    public init(_ date: Date) {
        milliseconds =
            Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded(.down)) ?? (date.timeIntervalSince1970 < 0 ? .min : .max)
    }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return rest < 0 ? seconds - 1 : seconds
    }

    /// The same moment for Foundation's formatters.
    public var date: Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// RFC 3339 in UTC, without fractions: how times are written in JSON.
    public var rfc3339: String {
        date.formatted(.iso8601)
    }

    /// This moment moved by a duration, saturating at the ends of time; parts of a millisecond are dropped.
    public func advanced(by duration: Duration) -> UnixTime {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return UnixTime(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// The time from this moment to another.
    public func duration(to other: UnixTime) -> Duration {
        let (difference, overflow) = other.milliseconds.subtractingReportingOverflow(milliseconds)
        return .milliseconds(overflow ? (other.milliseconds < 0 ? Int64.min : .max) : difference)
    }

    /// Which of two moments comes first.
    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Duration {
    /// Whole milliseconds, saturating.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflow || carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole seconds, rounded towards zero: how spans are written in JSON.
    package var wholeSeconds: Int64 { components.seconds }
}
