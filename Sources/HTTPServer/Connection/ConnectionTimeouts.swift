/// How long a connection may take for each of its steps. Wall-clock bounds: no octet that arrives prolongs one.
public struct ConnectionTimeouts: Sendable, Equatable {
    /// From the accept, or from the first octet of a later request, to the end of the header section.
    public var header: Duration
    /// From the first octet of a request to its last.
    public var request: Duration
    /// Between requests.
    public var keepAlive: Duration
    /// For an answer that the client does not read.
    public var write: Duration
    /// While draining: how long an idle connection is held, lest a request that is on its way meets a closed one.
    public var drainGrace: Duration
    /// After the last answer: how long input is still read and thrown away, so that the client can read the answer
    /// (RFC 9112 section 9.6).
    public var linger: Duration

    /// Creates bounds; the defaults suit clients on the open internet.
    public init(
        header: Duration = .seconds(10),
        request: Duration = .seconds(30),
        keepAlive: Duration = .seconds(75),
        write: Duration = .seconds(30),
        drainGrace: Duration = .milliseconds(500),
        linger: Duration = .seconds(1)
    ) {
        self.header = header
        self.request = request
        self.keepAlive = keepAlive
        self.write = write
        self.drainGrace = drainGrace
        self.linger = linger
    }
}
