import BenchmarkResults

/// What a request costs among many connections.
enum Connections {
    static let few = 100
    static let many = 19_000

    static let part = PartResult(
        id: "connections",
        title: "A request among 19,000 connections and among 100",
        method: "Keep-alive, no wait, wrk. CPU time of the server by requests over 3 s, from the moment when all "
            + "connections are open. The ratio is that of one round.",
        command: "wrk --latency -t1 -c19000 -d25s -s Benchmarks/marks.lua http://127.0.0.1:$PORT/ -- 5000",
        metrics: [
            Metric("ratio", "19,000 against 100", unit: ""), Metric("few", "CPU a request, 100", unit: "µs"),
            Metric("many", "CPU a request, 19,000", unit: "µs"),
        ]
    )

    static func measure(_ bench: Bench) async throws -> PartResult {
        try await bench.cores.pinned(to: [bench.cores.client]) {
            try await bench.interleaved(part, servers: ["hello", "floor", "hyper"]) { server in
                let few = try await cpu(bench, server, few)
                let many = try await cpu(bench, server, many)
                return ["few": few, "many": many, "ratio": many / few]
            }
        }
    }

    private static func cpu(_ bench: Bench, _ server: Server, _ connections: Int) async throws -> Double {
        try await RunningServer.with(server, bench.pinnedServer()) { running in
            // It ends when it has seen enough; opening so many takes some seconds.
            let load = Wrk(url: "http://127.0.0.1:\(running.port)/", connections: connections, seconds: 25)
            return try await load.steadyMicroseconds(running.usage, for: .seconds(3), marks: bench.workplace.marks)
        }
    }
}
