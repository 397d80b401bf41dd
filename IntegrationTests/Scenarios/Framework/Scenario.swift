/// Something that must hold on a machine with a real systemd, and how to show it.
struct Scenario: Sendable {
    /// What holds, as a sentence; `--filter` picks scenarios by it.
    let name: String
    /// Why it matters or how it is shown, in a line.
    let summary: String
    /// How long it may take before it counts as failed.
    let timeout: Duration
    /// Whether it belongs to the few that `make test` shows on every version of systemd.
    let isForEveryVersion: Bool
    /// Shows it, or throws.
    let body: @Sendable (ScenarioContext) async throws -> Void

    init(
        name: String,
        summary: String = "",
        timeout: Duration = .seconds(60),
        everyVersion: Bool = false,
        body: @escaping @Sendable (ScenarioContext) async throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.timeout = timeout
        isForEveryVersion = everyVersion
        self.body = body
    }
}

/// Scenarios that share a known state to start from.
struct Suite: Sendable {
    /// In the order in which they run.
    var scenarios: [Scenario]
    /// Brings the machine into the state that each scenario starts from.
    var setUp: @Sendable (ScenarioContext) async throws -> Void
    /// What must hold when a scenario's body has passed, whatever it was about.
    var check: @Sendable (ScenarioContext) async throws -> Void
    /// Whose journal is shown when a scenario fails: unit names, `*` allowed.
    var journalUnits: [String]

    /// Those scenarios whose names match one of the patterns, or all where there is none.
    ///
    /// A pattern is a regular expression; one that is none is taken literally.
    func matching(_ patterns: [String]) -> [Scenario] {
        guard !patterns.isEmpty else { return scenarios }
        return scenarios.filter { scenario in
            patterns.contains { pattern in
                if let expression = try? Regex(pattern).ignoresCase() { return scenario.name.contains(expression) }
                return scenario.name.contains(pattern)
            }
        }
    }
}

/// What a run was asked for, as far as scenarios care.
struct ScenarioOptions: Sendable {
    /// How many connections a load should hold, at most what descriptors allow.
    var connections: Int
    /// How many requests a soak should make.
    var soak: Int
    /// The systemd that they run on: 252, for example. What differs between versions is said by the scenario.
    var systemdVersion: Int
    /// What several machines run; `nil` where the scenarios have one, and are in it.
    var fleet: Fleet.Site?
}

/// Thrown by a scenario that has nothing to say on this machine.
struct Skipped: Error {
    /// Why.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Thrown when something is not as a scenario expects.
struct ExpectationFailed: Error, CustomStringConvertible {
    let description: String
}
