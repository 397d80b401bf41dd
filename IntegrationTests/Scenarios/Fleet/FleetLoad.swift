import HarnessReport
import LoadClient
import SystemdTestKit

/// The load on a fleet: clients that keep their connections and those that do not, with requests of a second and of no time.
struct FleetLoad: Sendable {
    /// How many connections each of the loads has that keep them, the first ones with requests of a second.
    static let keptConnections = [60, 20]

    private let loads: [SteadyLoad]

    /// Runs `body` under load, and returns what became of every request.
    static func with(
        _ fleet: Fleet,
        _ context: ScenarioContext,
        _ body: (FleetLoad) async throws -> Void
    ) async throws -> [LoadReport] {
        let target = Target.tcp(host: String(Fleet.frontend), port: 80)
        var quick = RequestPlan(target: target, path: "/hello/fleet?delay=0", expecting: #"{"Hello":"fleet"}"#)
        quick.timeout = .seconds(20)
        quick.label = "kept, of no time"
        quick.requestIDPrefix = "quick"
        var fresh = quick
        fresh.label = "fresh, of no time"
        fresh.requestIDPrefix = "fresh"
        var slow = Hello.greeting(target, "slow")
        slow.label = "kept, of a second"
        var pace = ConnectPace()
        pace.connectsPerSecond = 200
        return try await withLoadEngine(network: fleet.kept.path) { [quick, slow] kept in
            try await withLoadEngine(network: fleet.fresh.path) { [fresh, pace] other in
                let loads = [
                    try await kept.keepAliveLoad(slow, connections: keptConnections[0]),
                    try await kept.keepAliveLoad(quick, connections: keptConnections[1], thinkTime: .milliseconds(50)),
                    try await other.freshConnectionLoad(fresh, concurrency: 8, pace: pace),
                ]
                let load = FleetLoad(loads: loads)
                do {
                    try await load.goOn()
                    try await body(load)
                } catch {
                    for load in loads { _ = await load.stop(grace: .zero) }
                    throw error
                }
                var reports: [LoadReport] = []
                for load in loads { reports.append(await load.stop(grace: .seconds(30))) }
                for report in reports { context.keep(report) }
                return reports
            }
        }
    }

    /// Waits until every kind of client has had a hundred more right answers.
    func goOn() async throws {
        for load in loads { try await load.waitForAnswers(100, within: .seconds(30)) }
    }
}

extension Fleet {
    /// Draws who answered, over time, with what happened meanwhile.
    func keepPictures(
        _ log: ProxyLog,
        _ context: ScenarioContext,
        marks: [(time: Int, label: String)] = []
    ) {
        guard let first = log.requests.map(\.time).min(), let last = log.requests.map(\.time).max() else { return }
        let step = 100_000
        let events = marks + log.changes.map { ($0.time, "\($0.server) \($0.isUp ? "up" : "down")") }
        for server in Set(log.requests.map(\.server)).sorted() {
            var cells = [[Int]](repeating: [], count: (last - first) / step + 1)
            for request in log.requests where request.server == server {
                cells[(request.time - first) / step].append(request.total)
            }
            context.timeline(
                "answered by \(server)",
                interval: .microseconds(step),
                requests: cells.map(\.count),
                median: cells.map { .milliseconds($0.isEmpty ? 0 : $0.sorted()[$0.count / 2]) },
                longest: cells.map { .milliseconds($0.max() ?? 0) },
                marks: events.map { (.microseconds($0.time - first), $0.label) }
            )
            context.measure("answered by \(server)", log.requests.count { $0.server == server })
        }
    }

    /// The balancer's clock, in microseconds, which is that of its journal.
    func now() async throws -> Int {
        let text = try await balancer.command(["date", "+%s%6N"]).run().successful().trimmed
        guard let now = Int(text) else { throw ExpectationFailed(description: "date says '\(text)'") }
        return now
    }
}
