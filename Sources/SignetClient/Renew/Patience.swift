import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension URLRequest {
    /// How long its caller is ready to wait, for an answer and for a renewal before it.
    ///
    /// A `timeoutInterval` may be any number, also infinite; a week is longer than anybody waits.
    var patience: Duration {
        timeoutInterval > 0 ? .seconds(min(timeoutInterval, 7 * 86_400)) : .seconds(60)
    }
}
