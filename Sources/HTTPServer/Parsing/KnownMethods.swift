import HTTPTypes

/// The methods that the server knows: those of IANA's HTTP Method Registry. A known method that a route does not take is
/// answered with 405, an unknown one with 501 (RFC 9110 section 9.1).
enum KnownMethods {
    static func method(_ bytes: Span<UInt8>, _ range: Range<Int>) -> HTTPRequest.Method? {
        // The usual ones without a look into the table.
        if bytes.equals(range, "GET") { return .get }
        if bytes.equals(range, "HEAD") { return .head }
        if bytes.equals(range, "POST") { return .post }
        guard range.count <= longest else { return nil }
        var name = ""
        for index in range { name.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        return registry.contains(name) ? HTTPRequest.Method(rawValue: name) : nil
    }

    private static let longest = 17

    /// https://www.iana.org/assignments/http-methods, of which `*` and `PRI` are reserved and never sent by a client.
    static let registry: Set<String> = [
        "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
        "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
        "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE",
        "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
    ]
}
