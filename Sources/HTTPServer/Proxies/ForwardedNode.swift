/// Who a proxy had its request from, as it says so in a field.
enum ForwardedNode: Equatable {
    case address(ClientAddress)
    /// It does not know, or does not tell.
    case unknown

    /// Reads a node (RFC 7239 section 6): an address with or without a port, an IPv6 address in brackets, `unknown`, or
    /// a name that hides who it is.
    ///
    /// - Parameter isLenient: Whether an IPv6 address may stand without brackets, as it does in `X-Forwarded-For`.
    init?(_ text: some StringProtocol, isLenient: Bool = false) {
        if isLenient, let address = ClientAddress(text) {
            self = .address(address)
            return
        }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = Substring(text[text.index(after: text.startIndex)..<end])
            rest = Substring(text[text.index(after: end)...])
            guard host.contains(":") else { return nil }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = Substring(text[..<end])
            rest = Substring(text[end...])
        }
        let port = Self.port(rest)
        guard rest.isEmpty || port != nil else { return nil }
        if host.lowercased() == "unknown" || Self.isObfuscated(host) {
            self = .unknown
        } else if let address = ClientAddress(host, port: port?.number ?? 0) {
            self = .address(address)
        } else {
            return nil
        }
    }

    /// `:` and one to five digits, or a name that hides which port it is.
    private static func port(_ text: Substring) -> (number: UInt16, isHidden: Bool)? {
        let port = text.dropFirst()
        guard text.hasPrefix(":"), !port.isEmpty else { return nil }
        if isObfuscated(port) { return (0, true) }
        guard port.utf8.count <= 5, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(port).map { ($0, false) }
    }

    /// RFC 7239 section 6.3: an underscore, then letters, digits, dots, underscores and hyphens.
    private static func isObfuscated(_ text: Substring) -> Bool {
        text.utf8.count > 1 && text.utf8.first == UInt8(ascii: "_")
            && text.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
