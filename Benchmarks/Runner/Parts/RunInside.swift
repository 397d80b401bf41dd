import ArgumentParser
import BenchmarkResults
import Foundation
import LoadClient
import SystemdTestKit

/// The half that runs in the private systemd.
struct RunInside: AsyncParsableCommand {
    /// What the outer half calls it by.
    static let name = "run-inside"

    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    @Argument var part: String
    @Option var rounds: Int
    @Option var servers: String
    @Option var serverCore: Int

    func run() async throws {
        let names = servers.split(separator: ",").map(String.init)
        for round in 1...rounds {
            switch part {
            case "coldstart":
                for time in 1...6 { for name in names.rotated(round: time) { try await coldStart(name, round) } }
            case "restart":
                for name in names { try await restart(name, round) }
            default:
                for name in names { try await accessLog(name, round) }
            }
        }
    }

    private func coldStart(_ server: String, _ round: Int) async throws {
        try await systemctl("stop", "\(server).service")
        try await systemctl("start", "\(server).socket")
        let target = Target.tcp(host: "127.0.0.1", port: server == "hello" ? 8080 : 8090)
        let answer = try await LoadEngine.shared.get(target, path: "/healthz", within: .seconds(10))
        guard answer.response.status == 200 else {
            throw RunningServer.Failure(description: "\(server) answers \(answer.response.status)")
        }
        let time = answer.connectTime + answer.timeToFirstByte
        try InsideSample(server: server, round: round, figures: ["start": time / .milliseconds(1)]).emit()
        try await systemctl("stop", "\(server).service", "\(server).socket")
    }

    private func accessLog(_ server: String, _ round: Int) async throws {
        var figures: [String: Double] = [:]
        for (key, which) in [("off", "off"), ("on", "all")] {
            let (output, cpu, written) = try await measure(server, access: which)
            figures[key] = cpu
            figures["p99\(key)"] = output.p99Milliseconds
            if key == "on" { figures["written"] = written }
        }
        figures["ratio"] = (figures["on"] ?? 0) / (figures["off"] ?? .infinity)
        try InsideSample(server: server, round: round, figures: figures).emit()
    }

    /// What clients see of a restart: the same load, once left alone and once with a restart in its midst.
    private func restart(_ server: String, _ round: Int) async throws {
        try await configure(server, access: "off")
        var figures: [String: Double] = [:]
        for (key, restarts) in [("quiet", false), ("restart", true)] {
            let load = try await withLoadEngine { engine in
                var plan = RequestPlan(target: .tcp(host: "127.0.0.1", port: 8080), expecting: #"{"Hello":"World"}"#)
                plan.timeout = .seconds(20)
                let load = try await engine.keepAliveLoad(plan, connections: 50, thinkTime: .milliseconds(10))
                try await load.waitForAnswers(1000, within: .seconds(20))
                if restarts { try await systemctl("restart", "\(server).service") }
                try await load.waitForAnswers(1000, within: .seconds(20))
                return await load.stop()
            }
            guard load.isClean, load.reconnects == 0 else { throw RunningServer.Failure(description: "\(load)") }
            figures["p99\(key)"] = load.latency(atPercentile: 99) / .milliseconds(1)
            figures["slowest\(key)"] = load.slowest / .milliseconds(1)
        }
        try InsideSample(server: server, round: round, figures: figures).emit()
    }

    private func measure(
        _ server: String,
        access: String
    ) async throws -> (output: WrkOutput, cpu: Double, written: Double) {
        try await configure(server, access: access)
        let shown = try await Command(["systemctl", "show", "-P", "MainPID", "\(server).service"]).run().successful()
        let usage = ProcessUsage(root: Int32(shown.trimmed) ?? 0)
        var load = Wrk(url: "http://127.0.0.1:8080/")
        load.seconds = 1
        let warmingUp = try await load.run()
        load.seconds = 3
        let (output, cpu) = try await load.run(against: usage)
        let count = try await Command(
            ["sh", "-c", #"journalctl --quiet --output=cat "_PID=$1" | wc -l"#, "sh", "\(usage.root)"],
            timeout: .seconds(120)
        ).run().successful()
        let written = (Double(count.trimmed) ?? 0) / Double(warmingUp.requests + output.requests)
        return (output, cpu, written * 100)
    }

    /// Starts the server anew, as deployed, but for one event loop on the server's core that does not wait.
    private func configure(_ server: String, access: String) async throws {
        let directory = "/run/systemd/system/\(server).service.d"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let dropIn = """
            [Service]
            CPUAffinity=\(serverCore)
            Environment=HELLO_GREETING_DELAY=0s HELLO_EVENT_LOOPS=1 HELLO_LOG_ACCESS=\(access)

            """
        try Data(dropIn.utf8).write(to: URL(fileURLWithPath: "\(directory)/bench.conf"))
        try await systemctl("daemon-reload")
        try await systemctl("restart", "\(server).service")
    }

    private func systemctl(_ arguments: String...) async throws {
        try await Command(["systemctl"] + arguments, timeout: .seconds(60)).run().successful()
    }
}
