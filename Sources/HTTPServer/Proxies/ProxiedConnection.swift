/// What there is to know of a connection from a trusted proxy: whom it brings, as long as the connection lives, and whom
/// the present request is from. Only such connections have one, so that others pay for nothing.
final class ProxiedConnection {
    /// Whether a header of the PROXY protocol has to come yet.
    private(set) var awaitsHeader: Bool
    /// The client, where such a header has said so.
    private(set) var client: ClientAddress?
    /// The client of the present request, where a field of it has said so.
    private(set) var requestClient: ClientAddress?

    init(awaitsHeader: Bool, client: ClientAddress? = nil) {
        self.awaitsHeader = awaitsHeader
        self.client = client
    }

    func took(_ header: ProxyHeader) {
        awaitsHeader = false
        client = header.client
    }

    /// A request's head has come.
    func began(
        _ head: RequestHead,
        behind peer: ClientAddress,
        _ trust: ForwardingTrust
    ) throws(ForwardedField.Malformed) {
        guard let name = trust.field.name else { return }
        requestClient = try trust.client(behind: client ?? peer, head.values(ofField: name))
    }

    /// The request is answered: the next one may be another client's.
    func ended() { requestClient = nil }
}

extension Connection {
    /// The client: of the present request, or of the connection.
    var remote: ClientAddress {
        guard let proxied else { return peer }
        return proxied.requestClient ?? proxied.client ?? peer
    }

    /// The proxy that the client is behind, if there is one.
    var proxy: ClientAddress? { proxied == nil || remote == peer ? nil : peer }
}
