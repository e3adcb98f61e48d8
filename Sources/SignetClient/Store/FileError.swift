#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the system said to a call on a file.
struct FileError: Error, CustomStringConvertible {
    let code: Int32

    /// The system's words.
    var description: String { String(cString: strerror(code)) }

    /// The error of the call that has just failed.
    static var last: FileError { FileError(code: errno) }
}
