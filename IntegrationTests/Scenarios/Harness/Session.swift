import Foundation
import Glibc
import HarnessReport
import Synchronization
import SystemdTestKit

/// One run from building to reporting.
struct Session: Sendable {
    /// Where the harness is installed in the machine.
    static let installedHarness = "/usr/local/libexec/hello-tests/integration-tests"

    /// Where the packages under test are in the machine.
    static let installedPackages = "/usr/local/share/hello-packages"

    /// Where the daemons below Examples/ are in the machine.
    static let installedExamples = "/usr/local/libexec/hello-examples"

    let options: RunScenarios
    let terminal: Terminal
    /// What a private machine boots.
    let root: MachineRoot
    /// What tells this run's reports from those of the others, where there are several.
    let label: String?

    /// - Parameter building: Whether the product is built first; an earlier run may have done so.
    func run(building: Bool) async throws -> SuiteResult {
        let product: Product?
        let result: SuiteResult
        switch options.manager {
        case .private:
            // Said before anything is built: it is a pity to wait for that first.
            let missing = Requirements.missing()
            guard missing.isEmpty else { throw MachineError.missing(missing) }
            if options.fleet { try FleetRun.checkRequirements() }
            product = try await build(building)
            result =
                if options.fleet, let product {
                    try await FleetRun(session: self, site: Fleet.Site(root: root, product: product)).run()
                } else {
                    try await runInPrivateMachine(product)
                }
        case .host:
            let machine = try HostMachine()
            product = try await build(building)
            result = try await HostSession(session: self, machine: machine, product: product).run()
        }
        try write(result)
        return result
    }

    private func build(_ isNeeded: Bool) async throws -> Product {
        let product = try Product(configuration: options.configuration.rawValue, binPath: options.binPath)
        if isNeeded, options.binPath == nil {
            if options.hasProduct { try await product.build("hellod", terminal) }
            try await product.build("integration-tests", terminal)
        }
        return product
    }

    private func runInPrivateMachine(_ product: Product?) async throws -> SuiteResult {
        let version = try await root.systemdVersion()
        terminal.begin("booting a private systemd \(version) (\(root.name))")
        return try await PrivateMachine.with(label: "hello", root: root) { tree in
            try await MachineFiles.write(to: tree)
            guard let product else { return }
            try await tree.install(try await product.path(of: "integration-tests"), to: Self.installedHarness)
            if let packages = options.packages {
                try await MachineFiles.write(packages: packages, to: tree)
                try await product.copyInstaller(to: tree.path)
            } else if let examples = options.examples {
                try await MachineFiles.write(examples: examples, to: tree)
            } else if options.hasProduct {
                try await product.install(destination: tree.path)
                try await product.copyInstaller(to: tree.path)
            }
            if let settings = options.settings {
                let text = try String(contentsOfFile: settings, encoding: .utf8)
                try await tree.write(text, to: "/etc/systemd/system/\(Hello.service).d/zz-run.conf")
            }
        } body: { machine in
            let milliseconds = machine.bootTime / .milliseconds(1)
            terminal.message(
                "a private systemd \(version) is \(machine.state), \(Int(milliseconds)) ms after its first process"
            )
            if machine.state != "running" {
                terminal.message(try await machine.command(["systemctl", "--failed", "--no-legend"]).run().output)
            }
            // What a package's installation does where it installs into a running system.
            if options.hasProduct {
                _ = try await machine.command(["journalctl", "--update-catalog"]).run()
            }
            let result = try await runScenarios(on: machine) { machine.console }
            if let directory = options.keepJournal.map(labelled) {
                _ = try await machine.command(["journalctl", "--rotate"]).run()
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try await Command(["cp", "-a", "\(machine.root)/run/log/journal/.", directory]).run().successful()
            }
            if options.stay, !result.isSuccess {
                terminal.finish()
                await machine.stay()
            }
            return result
        }
    }

    /// Has the inner half run as a unit of the machine, and follows what it says.
    /// - Parameter console: What to show when it breaks off.
    func runScenarios(
        on machine: some Machine,
        unit: String? = nil,
        console: @escaping @Sendable () -> String
    ) async throws -> SuiteResult {
        let gathered = Mutex(SuiteResult())
        var arguments = [Self.installedHarness, RunInside.name]
        arguments += options.filter.flatMap { ["--filter", $0] }
        if options.packages != nil { arguments.append("--packages") }
        if options.examples != nil { arguments.append("--examples") }
        if options.everyVersion { arguments.append("--every-version") }
        if options.stay { arguments.append("--stay") }
        arguments += [
            "--connections", "\(options.connections)", "--soak", "\(options.soak)", "--repeat",
            "\(options.repetitions)",
        ]
        let status = try await machine.run(
            arguments,
            unit: unit,
            properties: [
                "Description=hello's integration tests",
                "LimitNOFILE=\(Self.mostDescriptors)",
                "TasksMax=infinity",
                "TimeoutStopSec=30s",
            ],
            timeout: nil
        ) { [terminal] stream, line in
            if stream == .output, let event = Event(line: line) {
                gathered.withLock { $0.apply(event) }
                terminal.show(event)
            } else {
                terminal.message(line)
            }
        }
        var result = gathered.withLock { $0 }
        if !result.isFinished || status.status != .exited(0) {
            // What the machine's journal has about it, if there still is a machine to ask.
            let journal = try? await machine.command(["journalctl", "--quiet", "--no-pager", "--lines=40"]).run().output
            let reason = "the run broke off: what runs the scenarios \(status.status)"
            result.breakOff(reason: reason, journal: (journal ?? "").split(separator: "\n").map(String.init))
            let said = (journal ?? "") + console()
            let lines = said.split(separator: "\n").map { "\n  | \($0)" }.joined()
            terminal.message(reason + (lines.isEmpty ? "" : "; the machine said last:" + lines))
        }
        return result
    }

    private func write(_ result: SuiteResult) throws {
        if let junit = options.junit { try Self.write(JUnitReport(result).text, to: labelled(junit)) }
        if let report = options.report { try Self.write(HTMLReport(result).text, to: labelled(report)) }
    }

    /// A path with the label before its extension.
    private func labelled(_ path: String) -> String {
        guard let label else { return path }
        let suffix = (path as NSString).pathExtension
        let base = (path as NSString).deletingPathExtension
        return base + "-" + label.replacingOccurrences(of: "/", with: "-") + (suffix.isEmpty ? "" : ".\(suffix)")
    }

    private static func write(_ text: String, to path: String) throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The most descriptors that a process may be allowed here; more would take CAP_SYS_RESOURCE.
    private static var mostDescriptors: UInt64 {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_max)
    }
}
