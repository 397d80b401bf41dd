import BenchmarkResults
import LoadClient

/// Ten thousand requests of a second at once: how long they take, what they cost, and what is left of it.
enum Waiting {
    static let count = 10_000
    /// How long after the peak memory is looked at: within Go's interval of two minutes, in which it collects without
    /// being pressed, and behind two of them.
    static let afterwards: [(key: String, time: Duration)] = [("after", .seconds(55)), ("late", .seconds(260))]

    static let waiting = PartResult(
        id: "waiting",
        title: "10,000 requests of a second at once",
        method: "10,000 connections are opened, then each sends one request, which waits for a second. Latency counts "
            + "from sending a request. CPU time is all that the server used, opening and closing the connections "
            + "included. Memory is the resident memory at the peak less that before, by requests.",
        metrics: [
            Metric("cpu", "CPU a request", unit: "µs"), Metric("p50", "p50", unit: "s"),
            Metric("p99", "p99", unit: "s"), Metric("memory", "memory a request", unit: "KiB"),
        ]
    )

    static let memory = PartResult(
        id: "memory",
        title: "Memory before, at, and after a peak",
        method: "Resident memory (smaps_rollup) after the start, at the peak of those 10,000 requests, 55 s later, and "
            + "260 s later, when Go has collected twice without being pressed. Anonymous memory is the part of it that is "
            + "no page of a file.",
        metrics: [
            Metric("after", "55 s after", unit: "MiB"), Metric("afterAnonymous", "of it anonymous", unit: "MiB"),
            Metric("late", "260 s after", unit: "MiB"), Metric("lateAnonymous", "of it anonymous", unit: "MiB"),
            Metric("idle", "before", unit: "MiB"), Metric("idleAnonymous", "of it anonymous", unit: "MiB"),
            Metric("peak", "at the peak", unit: "MiB"),
        ]
    )

    static func measure(_ bench: Bench) async throws -> [PartResult] {
        var memory = memory
        let burst = try await bench.cores.pinned(to: [bench.cores.client]) {
            // Servers live on after their burst, idle, while the next is measured.
            try await withThrowingTaskGroup(of: (String, [String: Double]).self) { group in
                for server in bench.servers { memory.addRow(server.name) }
                let result = try await bench.interleaved(waiting, waits: true) { server in
                    let running = try await RunningServer.start(server, bench.pinnedServer(delayMilliseconds: 1000))
                    do {
                        let (figures, idle, peak) = try await measure(running)
                        group.addTask {
                            var memory = ["idle": idle.residentKiB / 1024, "peak": peak / 1024]
                            memory["idleAnonymous"] = idle.anonymousKiB / 1024
                            let over = ContinuousClock.now
                            for (key, time) in afterwards {
                                // Cut short when the run is cancelled; the server is ended all the same.
                                try? await Task.sleep(until: over + time)
                                let now = running.usage.memory
                                memory[key] = now.residentKiB / 1024
                                memory[key + "Anonymous"] = now.anonymousKiB / 1024
                            }
                            await running.stop()
                            try Task.checkCancellation()
                            return (server.name, memory)
                        }
                        return figures
                    } catch {
                        await running.stop()
                        throw error
                    }
                }
                Console.progress("memory: waiting for the last servers to be idle for four minutes")
                for try await (server, figures) in group { memory.record(figures, of: server) }
                return result
            }
        }
        for row in burst.rows { if let remark = row.remark { memory.remark(remark, on: row.server) } }
        return [burst, memory]
    }

    private static func measure(
        _ running: RunningServer
    ) async throws -> (figures: [String: Double], idle: ProcessUsage.Memory, peak: Double) {
        var plan = RequestPlan(target: running.target, expecting: #"{"Hello":"World"}"#)
        plan.timeout = .seconds(40)
        let idle = running.usage.memory
        let before = running.usage.processorTime
        let (load, peak) = try await running.usage.peakKiB {
            try await withLoadEngine { try await $0.burst(plan, connections: count, within: .seconds(60)) }
        }
        // Closing the connections is part of it.
        try await Task.sleep(for: .milliseconds(200))
        let used = running.usage.processorTime - before
        guard load.isClean else { throw RunningServer.Failure(description: "\(load)") }
        let figures = [
            "cpu": used / .microseconds(1) / Double(count),
            "p50": load.latency(atPercentile: 50) / .seconds(1),
            "p99": load.latency(atPercentile: 99) / .seconds(1),
            "memory": (peak - idle.residentKiB) / Double(count),
        ]
        return (figures, idle, peak)
    }
}
