/// How a load uses its connections.
enum LoadStyle: Sendable {
    /// One request on each connection.
    case burst(waitForAll: Bool)
    /// Request after request on connections that are kept.
    case keepAlive(thinkTime: Duration)
    /// A connection for each request.
    case fresh(announceClose: Bool)

    var announcesClose: Bool {
        if case .fresh(let announces) = self { return announces }
        return false
    }
}

/// How fast a load opens its connections.
public struct ConnectPace: Sendable {
    /// How many connects may be under way at once, per event loop.
    public var unfinishedConnects: Int
    /// The most connects that are begun in a second; nil for as many as can be.
    public var connectsPerSecond: Int?

    /// A pace. The window should be smaller than the listener's backlog.
    public init(unfinishedConnects: Int = 256, connectsPerSecond: Int? = nil) {
        self.unfinishedConnects = max(1, unfinishedConnects)
        self.connectsPerSecond = connectsPerSecond
    }
}
