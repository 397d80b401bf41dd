import HTTPServer

@testable import HTTPServer

/// What proxies say of their clients: lines of a field, a list of trusted peers, and a header of the PROXY protocol.
enum ProxyInputs {
    /// The first octet of such an input.
    static let choice: UInt8 = 0xfe

    /// Reads octets as each of them.
    static func read(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        if let entry = try? TrustedPeers.Entry(text) {
            require((try? TrustedPeers.Entry(entry.description)) == entry, "\(entry) is read as another")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let everybody = [TrustedPeers.Entry.unix, .ipv4(0, prefix: 0), .ipv6(high: 0, low: 0, prefix: 0)]
        for field in ForwardingField.allCases {
            // Where nobody is trusted, nothing is looked at; where everybody is, all of it.
            let nobody = ForwardingTrust(field: field)
            require((try? nobody.client(behind: .unix, lines)) == .unix, "nobody is believed")
            let trust = ForwardingTrust(peers: TrustedPeers(everybody), field: field)
            _ = try? trust.client(behind: .unix, lines)
        }
        switch ProxyHeader.read(octets.span) {
        case .header(let header):
            require(header.length <= min(octets.count, ProxyHeader.longest), "it is \(header.length) long")
            for count in 0..<header.length {
                let part = ProxyHeader.read(Array(octets.prefix(count)).span)
                require(part == .needsMore, "\(count) of it are \(part)")
            }
        case .needsMore:
            require(octets.count < ProxyHeader.longest, "more than there may be is wanted")
        case .malformed:
            break
        }
    }
}
