import BenchmarkResults
import LoadClient

/// What a connection costs that is open and has nothing to do.
enum IdleConnections {
    static let count = 10_000

    static let part = PartResult(
        id: "idle",
        title: "Memory an idle connection",
        method:
            "10,000 connections are opened, each is answered once, and then stays open without a request. Memory of "
            + "the process (smaps_rollup) two seconds later less that before, by connections. The kernel's own memory for "
            + "sockets is not in it.",
        metrics: [
            Metric("anonymous", "anonymous memory", unit: "KiB"), Metric("resident", "resident memory", unit: "KiB"),
        ]
    )

    static func measure(_ bench: Bench) async throws -> PartResult {
        try await bench.cores.pinned(to: [bench.cores.client]) {
            try await bench.interleaved(part) { server in
                try await RunningServer.with(server, bench.pinnedServer()) { try await figures($0) }
            }
        }
    }

    private static func figures(_ running: RunningServer) async throws -> [String: Double] {
        var plan = RequestPlan(target: running.target, expecting: #"{"Hello":"World"}"#)
        plan.timeout = .seconds(20)
        let before = running.usage.memory
        return try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(plan, connections: count, thinkTime: .seconds(600))
            _ = try await load.wait(within: .seconds(60)) { $0.count(.ok) >= count }
            try await Task.sleep(for: .seconds(2))
            let after = running.usage.memory
            let report = await load.stop()
            guard report.isClean, report.connections == count else {
                throw RunningServer.Failure(description: "\(report)")
            }
            return [
                "anonymous": (after.anonymousKiB - before.anonymousKiB) / Double(count),
                "resident": (after.residentKiB - before.residentKiB) / Double(count),
            ]
        }
    }
}
