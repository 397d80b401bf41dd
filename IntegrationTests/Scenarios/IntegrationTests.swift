import ArgumentParser

/// `integration-tests`: what `hello` promises, shown on a real systemd.
@main
struct IntegrationTests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integration-tests",
        abstract: "Shows on a real systemd, under load, that hello keeps its promises.",
        discussion: """
            Builds the daemon, boots a systemd of its own in namespaces, installs the units there, and runs every \
            scenario. Needs root, and nothing from the network. Exits with status 0 if everything that ran passed.
            """,
        subcommands: [RunScenarios.self, RunInside.self, RunInMachine.self, ProbeSandbox.self, ProbeStore.self],
        defaultSubcommand: RunScenarios.self
    )
}
