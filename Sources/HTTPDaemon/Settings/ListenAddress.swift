import Glibc
import ServiceSettings

/// An address to listen on, as configured. Reading one opens nothing and resolves nothing.
enum ListenAddress: Sendable, Hashable {
    /// An IPv4 address in dotted form and a port; port 0 is any free one.
    case ipv4(host: String, port: UInt16)
    /// An IPv6 address in canonical form, without brackets, and a port; port 0 is any free one.
    case ipv6(host: String, port: UInt16)
    /// The absolute path of a Unix socket.
    case unix(path: String)

    /// The most bytes of a path that fit into `sun_path`, which ends with a NUL (unix(7)).
    static let longestPath = 107

    /// Reads `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
    init(_ text: String) throws(SettingValueError) {
        if text.hasPrefix("unix:") {
            self = .unix(path: try Self.path(text.dropFirst("unix:".count), of: text))
        } else if text.hasPrefix("/") {
            throw .listen(text, "has no scheme", "write \(quoted("unix:\(text)"))")
        } else if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw .listen(text, "has no closing bracket", "write [::1]:8080")
            }
            let host = try Self.ipv6(text[text.index(after: text.startIndex)..<close], of: text)
            self = .ipv6(host: host, port: try Self.port(text[text.index(after: close)...], of: text))
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            let host = text[..<colon]
            if text[colon...].dropFirst().contains(":") {
                throw .listen(text, "is an IPv6 address without brackets", "write [::1]:8080")
            }
            try Self.checkIPv4(host, of: text)
            self = .ipv4(host: String(host), port: try Self.port(text[colon...], of: text))
        }
    }

    private static func path(_ path: Substring, of text: String) throws(SettingValueError) -> String {
        guard path.hasPrefix("/") else {
            throw .listen(text, "has no absolute path", "write unix:/run/name/name.sock")
        }
        guard path.utf8.count <= longestPath else {
            throw .listen(text, "has a path of \(path.utf8.count) bytes", "a socket's path has at most \(longestPath)")
        }
        guard !path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .listen(text, "has a control character in its path", "name the socket without one")
        }
        guard !path.contains(",") else {
            throw .listen(text, "has a comma in its path", "a comma separates addresses; name the socket without one")
        }
        guard !path.hasSuffix("/") else {
            throw .listen(text, "names a directory", "write unix:/run/name/name.sock")
        }
        return String(path)
    }

    private static func port(_ text: Substring, of whole: String) throws(SettingValueError) -> UInt16 {
        guard text.hasPrefix(":"), text.count > 1 else {
            throw .listen(whole, "has no port", "end it with a colon and a port, such as :8080")
        }
        guard let port = UInt16(decimalDigits: text.dropFirst()) else {
            throw .listen(whole, "has no valid port", "a port is a number from 0 to 65535")
        }
        return port
    }

    /// Takes dotted-quad addresses alone: `inet_pton` knows no short, octal or hexadecimal forms.
    private static func checkIPv4(_ host: Substring, of whole: String) throws(SettingValueError) {
        var address = in_addr()
        // The characters are checked first since a C string ends at a NUL.
        let isPlain = host.allSatisfy { $0 == "." || $0.isDecimalDigit }
        guard isPlain, String(host).withCString({ inet_pton(AF_INET, $0, &address) }) == 1 else {
            let remedy = "write an address: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080 for every interface, or unix:/path"
            if host == "localhost" {
                throw .listen(whole, "is a host name", "use 127.0.0.1 or [::1]")
            } else if host.isEmpty || host == "*" || (!whole.contains(":") && whole.allSatisfy(\.isDecimalDigit)) {
                throw .listen(whole, "has no address", remedy)
            }
            throw .listen(whole, "is not an IPv4 address with a port", "host names are not resolved; \(remedy)")
        }
    }

    /// Checks an IPv6 address and writes it in canonical form (RFC 5952), so that equal addresses are equal.
    private static func ipv6(_ host: Substring, of whole: String) throws(SettingValueError) -> String {
        if host.contains("%") {
            throw .listen(whole, "has a zone", "give an address without one, or listen through a socket unit")
        }
        var address = in6_addr()
        let isPlain = host.allSatisfy { $0 == "." || $0 == ":" || ($0.isASCII && $0.isHexDigit) }
        guard isPlain, String(host).withCString({ inet_pton(AF_INET6, $0, &address) }) == 1 else {
            throw .listen(whole, "has no valid IPv6 address in its brackets", "write [::1]:8080")
        }
        let canonical = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(AF_INET6, &address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
        return canonical ?? String(host)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address as ``init(_:)`` reads it.
    var description: String {
        switch self {
        case .ipv4(let host, let port): "\(host):\(port)"
        case .ipv6(let host, let port): "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension SettingValueError {
    fileprivate static func listen(_ text: String, _ problem: String, _ remedy: String) -> SettingValueError {
        SettingValueError(problem: text.isEmpty ? "an address is empty" : "\(quoted(text)) \(problem)", remedy: remedy)
    }
}

extension SettingType where Value == [ListenAddress] {
    /// A list of addresses to listen on.
    static var addresses: Self {
        SettingType(
            expectation: "127.0.0.1:8080, [::1]:8080 or unix:/path, or several of them",
            valueName: "address",
            isList: true,
            parse: { texts throws(SettingValueError) in
                var addresses: [ListenAddress] = []
                for text in texts { addresses.append(try ListenAddress(text)) }
                return addresses
            },
            text: { $0.isEmpty ? "[]" : $0.map(\.description).joined(separator: ", ") }
        )
    }
}
