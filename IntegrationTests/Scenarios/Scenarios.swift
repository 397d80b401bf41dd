import SystemdTestKit

/// Every scenario there is, and the state each starts from. This is the place to add some.
extension Suite {
    static let all = Suite(
        scenarios: MachineScenarios.all + ActivationScenarios.all + ConcurrencyScenarios.all + ReloadScenarios.all
            + JournalScenarios.all + SandboxScenarios.all + UnitScenarios.all + InstanceScenarios.all
            + RestartScenarios.all + HandOverScenarios.all + HandOverFaultScenarios.all + AbuseScenarios.all
            + OverloadScenarios.all + ApiScenarios.all + VersionScenarios.all + NamespaceScenarios.all
            + FreezeScenarios.all + ClockScenarios.all + PreservedStoreScenarios.all + SoakScenarios.all,
        setUp: { context in try await context.startAfresh() },
        check: { context in try await context.expectNoCrash() },
        journalUnits: ["hello*", "integration-sample*"]
    )
}

extension Suite {
    /// The scenarios of the Debian package, which bring a product of their own.
    static let packages: Suite = {
        var suite = Suite.all
        suite.scenarios = PackageScenarios.all + PackageUpgradeScenarios.all
        return suite
    }()
}

extension Suite {
    /// The scenarios of the daemons below Examples/, which bring units of their own.
    static let examples: Suite = {
        var suite = Suite.all
        suite.scenarios = ExampleScenarios.all
        suite.journalUnits = ["greeter*", "notes*"]
        return suite
    }()
}

extension Suite {
    /// The scenarios of several machines, each of which boots its own.
    static let fleet = Suite(
        scenarios: FleetScenarios.all + ProxyScenarios.all,
        setUp: { _ in },
        check: { _ in },
        journalUnits: []
    )
}

extension ScenarioContext {
    private static let units = ["hello.socket", "hello-admin.socket", "hello.service"]

    /// Nothing of the product runs, and nothing of an earlier scenario is in force or counted against it.
    fileprivate func startAfresh() async throws {
        let found = try await systemctl("list-unit-files", "--no-legend", "hello*", checked: false).output
        let units = Self.units.filter { found.contains($0) }
        guard !units.isEmpty else { return }
        try await command(["systemctl", "stop"] + units)
        try await command(["systemctl", "reset-failed"] + units, checked: false)
    }
}
