import ArgumentParser
import Foundation
import HarnessReport
import TestMachine

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

    @Option(help: "How to build the daemon and the load client.")
    var configuration = Configuration.release

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

    @Flag(help: ArgumentHelp("Neither build nor install the product.", visibility: .hidden))
    var withoutProduct = false

    func validate() throws {
        guard connections > 0 else { throw ValidationError("--connections must be at least 1") }
        guard soak > 0 else { throw ValidationError("--soak must be at least 1") }
        guard repetitions > 0 else { throw ValidationError("--repeat must be at least 1") }
        guard settings == nil || manager == .private else {
            throw ValidationError("--settings is for a private systemd")
        }
        guard packages == nil || manager == .private else {
            throw ValidationError("--packages is for a private systemd")
        }
        guard examples == nil || manager == .private && packages == nil else {
            throw ValidationError("--examples is for a private systemd, and not with --packages")
        }
    }

    /// The scenarios to choose from.
    var suite: Suite { packages != nil ? .packages : examples != nil ? .examples : .all }

    /// Whether scenarios are about the daemon as `make install` installs it.
    var hasProduct: Bool { !withoutProduct && packages == nil && examples == nil }

    func run() async throws {
        let scenarios = suite.matching(filter)
        if list {
            for scenario in scenarios { Output.write(scenario.name + "\n") }
            return
        }
        // One that matches nothing is a scenario that somebody believes to be run.
        let idle = filter.filter { suite.matching([$0]).isEmpty }
        guard idle.isEmpty else {
            Output.complain("no scenario matches \(idle.joined(separator: ", ")); --list names them")
            Output.write(SuiteResult().summary + "\n")
            throw ExitCode.failure
        }
        let terminal = Terminal()
        let signal = await Interruption.run { try await Session(options: self, terminal: terminal).run() }
        terminal.finish()
        switch signal {
        case .success(let result):
            Output.write(result.summary + "\n")
            throw result.isSuccess ? ExitCode.success : ExitCode.failure
        case .failure(let error):
            if let interruption = error as? Interruption {
                Output.complain("ended by signal \(interruption.signal)")
                throw ExitCode(128 + interruption.signal)
            }
            Output.complain("\(error)")
            Output.write(SuiteResult().summary + "\n")
            throw ExitCode.failure
        }
    }
}
