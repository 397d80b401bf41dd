import BenchmarkResults

/// What a second event loop brings.
enum Loops {
    static func part(_ cores: Cores) -> PartResult {
        let client =
            cores.all.count > 2
            ? "the client has the other \(cores.all.count - 2)"
            : "this machine has no other, so the client shares them and limits the rate; CPU a request shows whether two "
                + "loops get in each other's way"
        return PartResult(
            id: "loops",
            title: "Two event loops and one",
            method: "hello, keep-alive, 128 connections, no wait, wrk with as many threads as it has cores. The server "
                + "may use two cores; \(client).",
            command: "wrk --latency -t\(min(cores.besideTwo.count, 8)) -c128 -d3s http://127.0.0.1:$PORT/",
            metrics: [
                Metric("ratio", "rate, two against one", unit: ""), Metric("rate1", "rate, one", unit: "requests/s"),
                Metric("rate2", "rate, two", unit: "requests/s"), Metric("cpu1", "CPU a request, one", unit: "µs"),
                Metric("cpu2", "CPU a request, two", unit: "µs"),
            ]
        )
    }

    static func measure(_ bench: Bench) async throws -> PartResult {
        let client = bench.cores.besideTwo
        return try await bench.cores.pinned(to: client) {
            try await bench.interleaved(part(bench.cores), servers: ["hello"]) { server in
                var figures: [String: Double] = [:]
                for loops in 1...2 {
                    var settings = bench.pinnedServer()
                    settings.cores = Array(bench.cores.all.prefix(2))
                    settings.eventLoops = loops
                    let (output, cpu) = try await RunningServer.with(server, settings) { running in
                        let load = Wrk(
                            url: "http://127.0.0.1:\(running.port)/",
                            connections: 128,
                            threads: min(client.count, 8)
                        )
                        return try await load.run(against: running.usage)
                    }
                    figures["rate\(loops)"] = output.rate
                    figures["cpu\(loops)"] = cpu
                }
                figures["ratio"] = (figures["rate2"] ?? 0) / (figures["rate1"] ?? .infinity)
                return figures
            }
        }
    }
}
