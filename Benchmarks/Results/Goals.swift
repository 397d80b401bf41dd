extension Goal {
    /// Servers that others have written. The floor is none: nobody would use it.
    static let waitingPeers = ["hyper", "go", "hummingbird", "aiohttp", "fastapi", "tornado"]

    /// Everything that hello should reach.
    /// - Parameter spareCores: Cores that a client has to itself beside a server with two event loops.
    public static func all(spareCores: Int) -> [Goal] {
        let shared = spareCores < 1 ? "the client shares the server's two cores" : nil
        return [
            Goal("keepalive", "cpu", .atMostTimes(1.15, of: "hyper")),
            Goal("keepalive", "cpu", .atMostTimes(1.25, of: "floor")),
        ]
            + ["nginx", "go", "hummingbird", "aiohttp", "fastapi", "tornado"].map {
                Goal("keepalive", "cpu", .below($0))
            }
            + [
                Goal("waiting", "p50", .atMost(1.01)),
                Goal("waiting", "p99", .atMost(1.05)),
                Goal("waiting", "cpu", .atMostTimes(1, of: "hyper")),
                Goal("waiting", "memory", .atMost(5)),
            ]
            + waitingPeers.map { Goal("waiting", "memory", .below($0)) }
            + [
                Goal("connections", "ratio", .atMost(1.2)),
                Goal("coldstart", "start", .atMostTimes(1.25, of: "floor")),
                Goal("memory", "after", .atMost(12)),
                Goal("accesslog", "ratio", .atMost(1.6)),
                Goal("loops", "ratio", .atLeast(1.7), caveat: shared),
            ]
    }
}
