import ArgumentParser
import Foundation
import HarnessReport
import SystemdTestKit

/// The outer half: builds, boots, has the scenarios run inside, and reports.
struct RunScenarios: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the scenarios (the default)."
    )

    /// Whose systemd the scenarios run on.
    enum Manager: String, ExpressibleByArgument, CaseIterable {
        case `private`, host
    }

    /// How the daemon and the load client are built.
    enum Configuration: String, ExpressibleByArgument, CaseIterable {
        case release, debug
    }

    @Flag(help: "Name the scenarios and do nothing else.")
    var list = false

    @Option(help: "Run only scenarios whose name matches this regular expression. May be repeated.")
    var filter: [String] = []

    @Option(help: "Write a JUnit report to this file.", completion: .file())
    var junit: String?

    @Option(help: "Write a report with histograms and timelines to this file.", completion: .file(extensions: ["html"]))
    var report: String?

    @Option(help: "How many connections the load scenarios hold.")
    var connections = 10_000

    @Option(help: "How many requests the soak makes.")
    var soak = 100_000

    @Option(help: "Keep the machine's journal in this directory.", completion: .directory)
    var keepJournal: String?

    @Option(help: "Boot a private systemd, or use the host's own.")
    var manager = Manager.private

    @Option(
        help: ArgumentHelp(
            "Boot the systemd of this Debian (bookworm, trixie, sid), of this tree, or of the host.",
            discussion: "May be repeated; a table then ends the run. A Debian's tree is made with mmdebstrap and kept.",
            valueName: "suite or directory"
        )
    )
    var systemd: [ChosenSystemd] = []

    @Flag(help: "Make the trees of Debian anew.")
    var refresh = false

    @Flag(help: "Go on without a Debian whose tree cannot be made, and say so.")
    var wherePossible = false

    @Flag(help: "Run only the scenarios that are shown on every version of systemd.")
    var everyVersion = false

    @Option(help: "How to build the daemon and the load client.")
    var configuration = Configuration.release

    @Flag(help: "End with the first scenario that fails, and keep the machine as it left it until Enter is pressed.")
    var stay = false

    @Option(name: .customLong("repeat"), help: "Run the scenarios so many times, in one machine.")
    var repetitions = 1

    @Option(help: ArgumentHelp("Take hellod and integration-tests from this directory instead of building them."))
    var binPath: String?

    @Option(
        help: ArgumentHelp("A drop-in of hello.service for the whole run, in a private systemd.", visibility: .hidden),
        completion: .file()
    )
    var settings: String?

    @Option(
        help: "Run the scenarios of the Debian package instead, with what `make test-deb` puts into this directory.",
        completion: .directory
    )
    var packages: String?

    @Option(
        help: "Run the scenarios of the daemons below Examples/ instead, whose programs are in this directory.",
        completion: .directory
    )
    var examples: String?

    @Flag(help: "Run the scenarios of several machines behind a proxy instead.")
    var fleet = false

    @Flag(help: ArgumentHelp("Neither build nor install the product.", visibility: .hidden))
    var withoutProduct = false

    func validate() throws {
        guard connections > 0 else { throw ValidationError("--connections must be at least 1") }
        guard soak > 0 else { throw ValidationError("--soak must be at least 1") }
        guard repetitions > 0 else { throw ValidationError("--repeat must be at least 1") }
        guard settings == nil || manager == .private else {
            throw ValidationError("--settings is for a private systemd")
        }
        guard systemd.isEmpty || manager == .private else {
            throw ValidationError("--systemd is for a private systemd")
        }
        guard packages == nil || manager == .private else {
            throw ValidationError("--packages is for a private systemd")
        }
        guard !stay || manager == .private && !fleet else {
            throw ValidationError("--stay is for a private systemd, and not with --fleet")
        }
        guard examples == nil || manager == .private && packages == nil else {
            throw ValidationError("--examples is for a private systemd, and not with --packages")
        }
        guard !fleet || manager == .private && packages == nil && examples == nil else {
            throw ValidationError("--fleet is for a private systemd, and not with --packages or --examples")
        }
    }

    /// The scenarios to choose from.
    var suite: Suite {
        var suite = fleet ? Suite.fleet : packages != nil ? .packages : examples != nil ? .examples : .all
        if everyVersion { suite.scenarios.removeAll { !$0.isForEveryVersion } }
        return suite
    }

    /// Whether scenarios are about the daemon as `make install` installs it.
    var hasProduct: Bool { !withoutProduct && packages == nil && examples == nil }

    func run() async throws {
        // One that matches nothing is a scenario that somebody believes to be run.
        let idle = filter.filter { suite.matching([$0]).isEmpty }
        guard idle.isEmpty else {
            Output.complain("no scenario matches \(idle.joined(separator: ", ")); --list names them")
            Output.write(SuiteResult().summary + "\n")
            throw ExitCode.failure
        }
        let terminal = Terminal()
        let ended = await Interruption.run {
            if list { try await nameScenarios(terminal) } else { try await runOnEach(terminal) }
        }
        terminal.finish()
        switch ended {
        case .success(let isSuccess):
            throw isSuccess ? ExitCode.success : ExitCode.failure
        case .failure(let error):
            if let interruption = error as? Interruption {
                Output.complain("ended by signal \(interruption.signal)")
                throw ExitCode(128 + interruption.signal)
            }
            Output.complain("\(error)")
            if !list { Output.write(SuiteResult().summary + "\n") }
            throw ExitCode.failure
        }
    }

    /// Which systemd they would run on, and their names.
    private func nameScenarios(_ terminal: Terminal) async throws -> Bool {
        for chosen in systemd {
            let root = try await chosen.root(refresh: refresh, terminal)
            Output.write("# on systemd \(try await root.systemdVersion()) (\(root.name))\n")
        }
        for scenario in suite.matching(filter) { Output.write(scenario.name + "\n") }
        return true
    }

    /// Runs the scenarios on each systemd that was chosen, one after the other.
    private func runOnEach(_ terminal: Terminal) async throws -> Bool {
        var columns: [VersionTable.Column] = []
        for chosen in systemd.isEmpty ? [.host] : systemd {
            let root: MachineRoot
            do {
                root = try await chosen.root(refresh: refresh, terminal)
            } catch  where wherePossible && !Task.isCancelled {
                terminal.message("NOT RUN on \(chosen.name), which cannot be had here: \(error)")
                continue
            }
            let session = Session(
                options: self,
                terminal: terminal,
                root: root,
                label: systemd.count > 1 ? chosen.name : nil
            )
            let result = try await session.run(building: columns.isEmpty)
            let version = manager == .private ? try await root.systemdVersion() : "host"
            columns.append(.init(name: "\(version.prefix { $0 != "-" }) \(root.name)", result: result))
            if systemd.count > 1 { terminal.message("on \(root.name): \(result.summary)") }
        }
        terminal.finish()
        if systemd.count > 1 {
            Output.write("\n" + VersionTable(columns).text + "\n")
            let results = columns.map(\.result)
            Output.write(
                "\(results.map(\.passed).reduce(0, +)) passed, \(results.map(\.failed).reduce(0, +)) failed, "
                    + "\(results.map(\.skipped).reduce(0, +)) skipped\n"
            )
        } else {
            Output.write((columns.first?.result ?? SuiteResult()).summary + "\n")
        }
        return columns.allSatisfy(\.result.isSuccess) && (wherePossible || !columns.isEmpty)
    }
}
