/// What a proxy sends before the first request of a connection, if it speaks the PROXY protocol (haproxy's
/// `doc/proxy-protocol.txt`), version 1 or 2. Pure.
struct ProxyHeader: Equatable {
    /// The client; nil where the proxy speaks for itself (`LOCAL`, a check), or does not know (`UNKNOWN`).
    var client: ClientAddress?
    /// Octets of the header.
    var length: Int

    /// What octets are.
    enum Result: Equatable {
        case needsMore
        case header(ProxyHeader)
        case malformed
    }

    /// Octets that a header of version 1 has at most, its line ending included.
    static let longestLine = 107
    /// Octets that a header of version 2 may have, with what it tells besides the addresses, such as a certificate.
    static let longest = 4096
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let line = Array("PROXY ".utf8)

    /// Reads the header that octets begin with.
    static func read(_ octets: Span<UInt8>) -> Result {
        if begins(octets, with: line) {
            return octets.count < line.count ? .needsMore : readLine(octets)
        }
        if begins(octets, with: signature) {
            return octets.count < signature.count + 4 ? .needsMore : readBinary(octets)
        }
        return .malformed
    }

    /// Whether octets are the beginning of a signature, or begin with it.
    private static func begins(_ octets: Span<UInt8>, with signature: [UInt8]) -> Bool {
        for index in 0..<min(octets.count, signature.count) where octets[index] != signature[index] { return false }
        return true
    }

    // MARK: Version 1

    private static func readLine(_ octets: Span<UInt8>) -> Result {
        var end = line.count
        while end < octets.count, octets[end] != Octet.carriageReturn {
            if end + 2 > longestLine || octets[end] == Octet.lineFeed { return .malformed }
            end += 1
        }
        guard end + 2 <= longestLine else { return .malformed }
        guard end + 1 < octets.count else { return .needsMore }
        guard octets[end + 1] == Octet.lineFeed else { return .malformed }
        let text = octets.extracting(line.count..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        // What follows it is not looked at.
        if parts[0] == "UNKNOWN" { return .header(ProxyHeader(length: end + 2)) }
        guard parts.count == 5, let sourcePort = port(parts[3]), port(parts[4]) != nil,
            let source = ClientAddress(parts[1], port: sourcePort), let destination = ClientAddress(parts[2])
        else { return .malformed }
        switch (parts[0], source, destination) {
        case ("TCP4", .ipv4, .ipv4), ("TCP6", .ipv6, .ipv6):
            return .header(ProxyHeader(client: source, length: end + 2))
        default:
            return .malformed
        }
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0") else {
            return nil
        }
        return UInt16(text)
    }

    // MARK: Version 2

    private static func readBinary(_ octets: Span<UInt8>) -> Result {
        let start = signature.count
        let (version, command) = (octets[start] >> 4, octets[start] & 0xf)
        let isLocal = command == 0
        let rest = Int(octets[start + 2]) << 8 | Int(octets[start + 3])
        let length = start + 4 + rest
        guard version == 2, command <= 1, length <= longest else { return .malformed }
        // Octets of both addresses, and of ports where there are any; behind them may be more, which is skipped. Over TCP or
        // UDP, as a client of HTTP/3 has it.
        let needed: Int
        switch octets[start + 1] {
        case _ where isLocal: needed = 0
        case 0: needed = 0
        case 0x11, 0x12: needed = 12
        case 0x21, 0x22: needed = 36
        case 0x31, 0x32: needed = 216
        default: return .malformed
        }
        guard rest >= needed else { return .malformed }
        guard octets.count >= length else { return .needsMore }
        func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
            var number: Number = 0
            for index in 0..<Number.bitWidth / 8 { number = number << 8 | Number(octets[start + 4 + offset + index]) }
            return number
        }
        var client: ClientAddress?
        switch needed {
        case 0: break
        case 12: client = .ipv4(address: number(at: 0), port: number(at: 8))
        case 36: client = .ipv6(high: number(at: 0), low: number(at: 8), port: number(at: 32))
        default: client = .unix
        }
        return .header(ProxyHeader(client: client, length: length))
    }
}
