import ArgumentParser
import Foundation
import Glibc
import HarnessReport
import SystemdTestKit

/// The inner half: runs scenarios on the systemd of the machine it is on, and says what happens in events.
struct RunInside: AsyncParsableCommand {
    /// What the outer half calls it by.
    static let name = "run-inside"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Runs scenarios on this machine and writes events.",
        shouldDisplay: false
    )

    @Option var filter: [String] = []
    @Option var connections = 10_000
    @Option var soak = 100_000
    @Flag var packages = false
    @Flag var examples = false
    @Flag var everyVersion = false
    @Flag var stay = false
    @Option(name: .customLong("repeat")) var repetitions = 1

    func run() async throws {
        let machine = try HostMachine()
        var suite = packages ? Suite.packages : examples ? .examples : .all
        if everyVersion { suite.scenarios.removeAll { !$0.isForEveryVersion } }
        let scenarios = suite.matching(filter)
        // systemd 257 (257.13-1~deb13u1)
        let systemd = try await Command(["systemctl", "--version"]).run().output.split(separator: "\n").first ?? ""
        let version = systemd.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let runner = ScenarioRunner(
            suite: suite,
            scenarios: Array(repeatElement(scenarios, count: repetitions).joined()),
            options: ScenarioOptions(connections: connections, soak: soak, systemdVersion: version ?? 0),
            machine: machine,
            facts: facts(systemd: String(systemd)),
            endsWithFailure: stay,
            emit: { Output.write($0.line + "\n") }
        )
        // SIGTERM is how systemd ends this unit: what the running scenario changed is then taken back.
        try await Interruption.run {
            await runner.run()
            try Task.checkCancellation()
        }.get()
    }

    private func facts(systemd: String) -> [SuiteInformation.Fact] {
        var system = utsname()
        uname(&system)
        let kernel = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return [
            .init("systemd", systemd),
            .init("kernel", kernel),
            .init("processors", "\(ProcessInfo.processInfo.activeProcessorCount)"),
            .init("connections", "\(connections)"),
            .init("started", Date().formatted(.iso8601)),
        ]
    }
}
