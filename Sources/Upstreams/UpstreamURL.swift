import AsyncHTTPClient
import NIOCore

/// Why a URL cannot be called.
public struct UpstreamURLError: Error, Sendable, Equatable {
    /// What is wrong, as it follows the URL: `has no valid port`.
    public let problem: String
    /// What to do about it, if that is not plain.
    public let remedy: String?

    init(_ problem: String, _ remedy: String? = nil) {
        self.problem = problem
        self.remedy = remedy
    }
}

extension HTTPUpstreamClient {
    /// Checks that a URL can be called: with what reads it at each call, and before that for what that one would stumble
    /// over (a port that is none ends the process), or would read as something else than was meant.
    public static func check(_ url: String) throws(UpstreamURLError) {
        let scheme = ["http://", "https://"].first { url.hasPrefix($0) }
        guard let scheme else {
            throw UpstreamURLError("is not a URL that can be called", "begin it with http:// or https://")
        }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        let target = rest.dropFirst(authority.count)
        if target.contains(UInt8(ascii: "#")) {
            throw UpstreamURLError("has a fragment", "leave out the \"#\" and what follows")
        }
        try checkTarget(target)
        let (host, port) = try split(authority)
        guard let request = try? HTTPClient.Request(url: url), request.host == host, port == nil || request.port == port
        else {
            throw UpstreamURLError("is not a URL that can be called")
        }
    }

    /// Checks path and query (RFC 3986 sections 3.3 and 3.4).
    private static func checkTarget(_ target: Substring.UTF8View) throws(UpstreamURLError) {
        var octets = target.makeIterator()
        while let octet = octets.next() {
            if octet == UInt8(ascii: "%") {
                guard let high = octets.next(), let low = octets.next(), isHexDigit(high), isHexDigit(low) else {
                    throw UpstreamURLError(
                        "has a \"%\" without two hexadecimal digits",
                        "write %25 for the sign itself"
                    )
                }
            } else if !isAlphanumeric(octet), !"-._~:/?@!$&'()*+,;=".utf8.contains(octet) {
                throw UpstreamURLError("has a character that no URL has", "percent-encode it")
            }
        }
    }

    /// Checks the authority (RFC 3986 section 3.2) and returns its host, as the client tells it, and its port.
    private static func split(_ authority: Substring.UTF8View) throws(UpstreamURLError) -> (host: String, port: Int?) {
        if authority.contains(UInt8(ascii: "@")) {
            // They would stand in the listing of the configuration, and in logs.
            throw UpstreamURLError("holds credentials", "leave them out")
        }
        var hostEnd = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        if authority.first == UInt8(ascii: "[") {
            guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else {
                throw UpstreamURLError("has no closing bracket", "write http://[::1]:8080/")
            }
            hostEnd = authority.index(after: bracket)
        }
        let host = authority[..<hostEnd]
        try checkHost(String(Substring(host)))
        let port = authority[hostEnd...]
        if port.isEmpty { return (String(Substring(host)), nil) }
        let digits = port.dropFirst()
        guard port.first == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(isDigit),
            let number = UInt16(String(Substring(digits))), number > 0
        else { throw UpstreamURLError("has no valid port", "a port is a number from 1 to 65535") }
        return (String(Substring(host)), Int(number))
    }

    private static func checkHost(_ host: String) throws(UpstreamURLError) {
        if host.isEmpty { throw UpstreamURLError("has no host") }
        if host.hasPrefix("[") {
            let address = String(host.dropFirst().dropLast())
            guard case .v6? = try? SocketAddress(ipAddress: address, port: 1) else {
                throw UpstreamURLError("has no valid IPv6 address in its brackets", "write http://[::1]:8080/")
            }
            return
        }
        // A name of the DNS (RFC 1123 section 2.1), with the underscore that many have; one dot may end it.
        let labels = (host.hasSuffix(".") ? host.dropLast() : host[...]).utf8.split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
        guard isName, host.utf8.count <= 253 else { throw UpstreamURLError("has no valid host") }
        // What ends in a number is an address, and then a whole one: forms such as 127.1 are read differently everywhere.
        guard let last = labels.last, last.allSatisfy(isDigit) || last.starts(with: "0x".utf8) else { return }
        guard !host.hasSuffix("."), case .v4? = try? SocketAddress(ipAddress: host, port: 1) else {
            throw UpstreamURLError("has no valid IPv4 address", "write four numbers from 0 to 255, as in 127.0.0.1")
        }
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    private static func isHexDigit(_ octet: UInt8) -> Bool {
        isDigit(octet) || (0x41...0x46).contains(octet) || (0x61...0x66).contains(octet)
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        isDigit(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
    }
}
