import Foundation
import HarnessReport
import Synchronization
import SystemdTestKit

/// A run of scenarios that boot machines of their own: there is no inner half, since this process leads them all.
struct FleetRun: Sendable {
    /// The host that the machines are on. Nothing is run in it.
    private struct Outside: Machine {
        let name = "outside"
        let entry: [String] = []
    }

    let session: Session
    let site: Fleet.Site

    /// - Throws: ``MachineError/missing(_:)`` without what joins the machines, or what they run besides hello.
    static func checkRequirements() throws(MachineError) {
        let programs = [("ip", "iproute2"), ("haproxy", "haproxy"), ("nginx", "nginx-light")]
        let missing = programs.filter { Requirements.find($0.0) == nil }
        guard missing.isEmpty else {
            throw .missing(missing.map { "\($0.0) is not installed: apt install \($0.1)" })
        }
    }

    func run() async throws -> SuiteResult {
        let gathered = Mutex(SuiteResult())
        let (options, terminal) = (session.options, session.terminal)
        let version = try await site.root.systemdVersion()
        let scenarios = options.suite.matching(options.filter)
        let runner = ScenarioRunner(
            suite: .fleet,
            scenarios: Array(repeatElement(scenarios, count: options.repetitions).joined()),
            options: ScenarioOptions(
                connections: options.connections,
                soak: options.soak,
                systemdVersion: Int(version.prefix { $0.isNumber }) ?? 0,
                fleet: site
            ),
            machine: Outside(),
            facts: [.init("systemd", "\(version) (\(site.root.name))")],
            emit: { event in
                gathered.withLock { $0.apply(event) }
                terminal.show(event)
            }
        )
        await runner.run()
        try Task.checkCancellation()
        return gathered.withLock { $0 }
    }
}
