import Glibc

/// A call of the system that failed where nothing can be done without it.
public struct SystemCallError: Error, Equatable, CustomStringConvertible {
    /// Its errno.
    public let code: CInt
    /// The call, or what is wrong with what it said.
    public let reason: String

    /// Creates an error of the call that has just failed, or of the code that it returned.
    init(_ reason: String, code: CInt = errno) {
        self.code = code
        self.reason = reason
    }

    /// What failed and why, with the number: `epoll_ctl: No space left on device (errno 28)`.
    public var description: String {
        let text = strerror(code).map { String(cString: $0) } ?? "unknown error"
        return "\(reason): \(text) (errno \(code))"
    }
}
