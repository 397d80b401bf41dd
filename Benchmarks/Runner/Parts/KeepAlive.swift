import BenchmarkResults

/// What a request costs that is answered at once.
enum KeepAlive {
    static let part = PartResult(
        id: "keepalive",
        title: "A request, answered at once",
        method: "64 connections that are kept, no wait, wrk on one core for 3 s after a second of warming up, the "
            + "server on another. CPU time of the server by requests; the rate is what one core of each made of it.",
        command: Wrk(url: "http://127.0.0.1:$PORT/").description,
        metrics: [
            Metric("cpu", "CPU a request", unit: "µs"), Metric("rate", "rate", unit: "requests/s"),
            Metric("p50", "p50", unit: "ms"), Metric("p99", "p99", unit: "ms"),
        ]
    )

    static func measure(_ bench: Bench) async throws -> PartResult {
        try await bench.cores.pinned(to: [bench.cores.client]) {
            try await bench.interleaved(part) { server in
                try await RunningServer.with(server, bench.pinnedServer()) { running in
                    try await figures(running.usage, port: running.port)
                }
            }
        }
    }

    /// One measurement of a running server.
    static func figures(_ usage: ProcessUsage, port: Int) async throws -> [String: Double] {
        var load = Wrk(url: "http://127.0.0.1:\(port)/")
        load.seconds = 1
        _ = try await load.run()
        load.seconds = 3
        let (output, cpu) = try await load.run(against: usage)
        return ["cpu": cpu, "rate": output.rate, "p50": output.p50Milliseconds, "p99": output.p99Milliseconds]
    }
}
