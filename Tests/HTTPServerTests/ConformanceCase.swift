/// What a client sends on a connection of its own, and what it must get.
struct ConformanceCase: Sendable, CustomStringConvertible {
    var octets: String
    /// The statuses of the final answers, in order.
    var statuses: [Int]
    /// Whether a request behind it is answered; otherwise it must never be executed.
    var keeps: Bool

    var description: String { shown(octets) }

    /// Sent behind every case.
    static let sentinel = "GET /sentinel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Answered, and the connection goes on.
    static func taken(_ octets: String, _ statuses: Int...) -> Self {
        ConformanceCase(octets: octets, statuses: statuses.isEmpty ? [200] : statuses, keeps: true)
    }

    /// Answered, and the connection ends.
    static func last(_ octets: String, _ statuses: Int...) -> Self {
        ConformanceCase(octets: octets, statuses: statuses.isEmpty ? [200] : statuses, keeps: false)
    }

    /// Refused.
    static func refused(_ octets: String, _ status: Int = 400) -> Self {
        ConformanceCase(octets: octets, statuses: [status], keeps: false)
    }
}

/// A GET with a good Host and these field lines, which have their line endings.
func conforming(_ fields: String = "", line: String = "GET / HTTP/1.1") -> String {
    "\(line)\r\nHost: a\r\n\(fields)\r\n"
}

/// A POST with a body.
func posting(_ fields: String, _ body: String, version: String = "HTTP/1.1") -> String {
    "POST / \(version)\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
}

/// A POST with a body in chunks, as it stands on the wire.
func chunked(_ body: String) -> String { posting("Transfer-Encoding: chunked", body) }

/// Every case, by what it is about.
enum ConformanceTable {
    static let all = requestLines + targets + fields + hosts + lengths + codings + chunks + persistence + expectations
}
