/// Why a raw connection did not do what was asked of it.
public struct RawConnectionError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: Sendable, Equatable {
        /// The other side gave no connection.
        case refused
        /// The time was over.
        case timedOut
        /// The other side ended the stream (EOF) before what was waited for.
        case closed
        /// The connection was reset.
        case reset
        /// The bytes are no HTTP/1.1 answer.
        case malformed
        /// The client itself is at fault: no port, no descriptor, no such address.
        case clientError
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of failure.
    public let kind: Kind
    /// What was waited for, and what came instead.
    public let text: String
    /// What had been received and not been read.
    public let received: [UInt8]

    init(_ kind: Kind, _ text: String, received: [UInt8] = []) {
        self.kind = kind
        self.text = text
        self.received = received
    }

    /// The kind, the text, and the first of the bytes received.
    public var description: String {
        let bytes = received.isEmpty ? "" : ", unread: “\(ResponseScanner.printable(received.prefix(200)))”"
        return "\(kind): \(text)\(bytes)"
    }
}
