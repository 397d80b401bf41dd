import NIOCore

/// Writes answers as one buffer each: what was encoded beforehand, and what belongs to this use of it.
enum ResponseEncoder {
    /// What the client has to know of the connection's future.
    enum Persistence { case stays, staysForHTTP10, closes }

    /// `100 Continue` (RFC 9110 section 15.2.1).
    static let continueLine: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    static func encode(
        _ response: Response,
        id: RequestID,
        date: [UInt8],
        persistence: Persistence,
        withoutBody: Bool,
        allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: response.head.count + (withoutBody ? 0 : response.body.count) + 160)
        buffer.writeBytes(response.head)
        buffer.writeBytes(date)
        buffer.writeStaticString("X-Request-ID: ")
        id.write(into: &buffer)
        switch persistence {
        case .stays: buffer.writeStaticString("\r\n\r\n")
        case .staysForHTTP10: buffer.writeStaticString("\r\nConnection: keep-alive\r\n\r\n")
        case .closes: buffer.writeStaticString("\r\nConnection: close\r\n\r\n")
        }
        if !withoutBody { buffer.writeBytes(response.body) }
        return buffer
    }
}
