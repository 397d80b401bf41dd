/// The field in which trusted proxies say who their client is.
public enum ForwardingField: String, Sendable, CaseIterable {
    /// None is looked at.
    case none
    /// `Forwarded` (RFC 7239).
    case forwarded
    /// `X-Forwarded-For`, which many proxies write instead.
    case xForwardedFor = "x-forwarded-for"

    /// The field's name in lower case.
    var name: StaticString? {
        switch self {
        case .none: nil
        case .forwarded: "forwarded"
        case .xForwardedFor: "x-forwarded-for"
        }
    }
}

/// Who is believed, and what is looked at: finds the client behind proxies. Pure.
public struct ForwardingTrust: Sendable, Equatable {
    /// Whose word is taken.
    public var peers: TrustedPeers
    /// Where they say it.
    public var field: ForwardingField

    /// Creates a trust; by default nobody is believed.
    public init(peers: TrustedPeers = TrustedPeers(), field: ForwardingField = .none) {
        self.peers = peers
        self.field = field
    }

    /// The client: the last address of the chain that is not itself trusted. Each proxy adds at the end, so that what a
    /// client wrote itself stands before what is believed, and is not reached.
    ///
    /// Where a trusted proxy does not know its client, or does not tell, it is that proxy. Where everybody is trusted, it is
    /// the first of them.
    ///
    /// - Parameters:
    ///   - address: Whom the connection is from.
    ///   - lines: The values of the field, in the order of its lines.
    func client(behind address: ClientAddress, _ lines: [String]) throws(ForwardedField.Malformed) -> ClientAddress {
        var client = address
        for line in lines.reversed() {
            if !peers.contains(client) { return client }
            switch field {
            case .none:
                return client
            case .forwarded:
                for node in try ForwardedField.nodes(line).reversed() {
                    guard peers.contains(client), case .address(let address) = node else { return client }
                    client = address
                }
            case .xForwardedFor:
                for text in line.split(separator: ",").reversed() {
                    let element = text.trimmingSpace
                    if element.isEmpty { continue }
                    if !peers.contains(client) { return client }
                    guard let node = ForwardedNode(element, isLenient: true) else { throw ForwardedField.Malformed() }
                    guard case .address(let address) = node else { return client }
                    client = address
                }
            }
        }
        return client
    }
}

extension Substring {
    /// Without spaces and tabs at its ends.
    fileprivate var trimmingSpace: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
