/// Writes answers: what was encoded beforehand, and what belongs to this use of it.
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
        into buffer: inout OutputBuffer
    ) {
        buffer.append(response.head)
        buffer.append(date)
        buffer.append("X-Request-ID: " as StaticString)
        id.write(into: &buffer)
        switch persistence {
        case .stays: buffer.append("\r\n\r\n" as StaticString)
        case .staysForHTTP10: buffer.append("\r\nConnection: keep-alive\r\n\r\n" as StaticString)
        case .closes: buffer.append("\r\nConnection: close\r\n\r\n" as StaticString)
        }
        if !withoutBody { buffer.append(response.body) }
    }
}
