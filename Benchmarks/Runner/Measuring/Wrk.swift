import BenchmarkResults
import Foundation
import Synchronization
import SystemdTestKit

/// Loads with wrk. It runs where this process runs.
struct Wrk: Sendable {
    var url: String
    var connections = 64
    var threads = 1
    var seconds = 3

    /// The command as the report shows it.
    var description: String { arguments.joined(separator: " ") + " " + url }

    private var arguments: [String] {
        ["wrk", "--latency", "-t\(threads)", "-c\(connections)", "-d\(seconds)s"]
    }

    /// Runs it to its end.
    func run() async throws -> WrkOutput {
        let result = try await Command(arguments + [url], timeout: .seconds(seconds + 30)).run().successful()
        return try WrkOutput(result.output)
    }

    /// Runs it, and sees what the server used meanwhile.
    func run(against usage: ProcessUsage) async throws -> (output: WrkOutput, processorMicroseconds: Double) {
        let before = usage.processorTime
        let output = try await run()
        let used = usage.processorTime - before
        return (output, used / .microseconds(1) / Double(output.requests))
    }

    /// The server's processor time for a request, once all connections are open, and before any is closed.
    /// - Parameters:
    ///   - window: How long to measure for.
    ///   - marks: The script that has wrk say how far it is.
    func steadyMicroseconds(_ usage: ProcessUsage, for window: Duration, marks: String) async throws -> Double {
        // What the server has open without a connection.
        let others = try await Self.settledDescriptors(usage)
        let (lines, announce) = AsyncStream.makeStream(of: Int.self)
        let command = Command(
            arguments + ["-s", marks, url, "--", "5000"],
            timeout: .seconds(seconds + 30)
        ) { stream, line in
            if stream == .error, let sent = WrkOutput.mark(line) { announce.yield(sent) }
        }
        let load = Task {
            defer { announce.finish() }
            return try await command.run()
        }
        defer { load.cancel() }
        var first: (time: ContinuousClock.Instant, sent: Int, used: Duration)?
        for await sent in lines {
            guard let first else {
                if usage.descriptors >= others + connections { first = (.now, sent, usage.processorTime) }
                continue
            }
            let used = usage.processorTime
            guard ContinuousClock.now - first.time >= window else { continue }
            load.cancel()
            _ = await load.result
            return (used - first.used) / .microseconds(1) / Double(sent - first.sent)
        }
        try Task.checkCancellation()
        let open = usage.descriptors - others
        throw RunningServer.Failure(
            description: "wrk did not hold \(connections) connections for long enough (\(open) at its end)"
        )
    }

    /// The server's descriptors once their number has stayed the same for a second: a connection of the load before, or of
    /// the check of its answers, may still be closing.
    private static func settledDescriptors(_ usage: ProcessUsage) async throws -> Int {
        let pause = Duration.milliseconds(50)
        var (count, unchanged) = (usage.descriptors, 0)
        for _ in 0..<100 where unchanged < 20 {
            try await Task.sleep(for: pause)
            let now = usage.descriptors
            unchanged = now == count ? unchanged + 1 : 0
            count = now
        }
        return count
    }
}
