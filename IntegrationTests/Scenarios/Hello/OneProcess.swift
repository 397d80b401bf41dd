import SystemdTestKit

/// Scenarios in which the daemon must live. `Restart=on-failure` and the socket's queue hide a crash from every client.
extension Scenario {
    /// A scenario of one process of the daemon, from its start, which this makes, to the end.
    ///
    /// - Parameters:
    ///   - settings: A drop-in of its service, for the time of the scenario.
    ///   - body: Gets the process that serves.
    static func ofOneProcess(
        name: String,
        summary: String = "",
        timeout: Duration = .seconds(60),
        settings: String? = nil,
        body: @escaping @Sendable (ScenarioContext, Int) async throws -> Void
    ) -> Scenario {
        Scenario(name: name, summary: summary, timeout: timeout) { context in
            try await context.inOneProcess(settings: settings) { pid in try await body(context, pid) }
        }
    }
}

extension ScenarioContext {
    private static let processExit = "98e322203f7a4ed290d09fe03c09fe15"  // SD_MESSAGE_UNIT_PROCESS_EXIT

    /// Starts the daemon, and fails unless the same process serves when `body` has run.
    func inOneProcess(settings: String? = nil, _ body: (Int) async throws -> Void) async throws {
        if let settings { try await dropIn(Hello.service, "settings", settings) }
        try await systemctl("start", Hello.service)
        let pid = try await mainPID()
        let before = try await serviceProcess()
        try await body(pid)
        try expectEqual(try await serviceProcess(), before, "the process, now and as it began")
    }

    private func serviceProcess() async throws -> [String: String] {
        try await unitProperties(Hello.service, "MainPID", "NRestarts", "ActiveState", "SubState")
    }

    /// Fails if a process of the daemon has crashed since the scenario began, in whatever way it came back.
    ///
    /// SIGKILL is a scenario's own, SIGABRT the manager's where it says that the watchdog's time was up, and SIGUSR2 a
    /// restart's that came before the process handled signals, when it had read nothing of the store.
    func expectNoCrash() async throws {
        let ends = try await journal(matching: ["MESSAGE_ID=\(Self.processExit)", "UNIT=\(Hello.service)"])
        let signals = ends.filter { ["killed", "dumped"].contains($0["EXIT_CODE"]) }.compactMap { $0["EXIT_STATUS"] }
        let others = signals.filter { !["6", "9", "12"].contains($0) }
        try expect(others.isEmpty, "the daemon has crashed: signal \(others.joined(separator: ", "))")
        guard signals.contains("6") else { return }
        let hangs = try await journal(matching: ["UNIT=\(Hello.service)"]).filter {
            $0["MESSAGE"]?.contains("Watchdog timeout") == true
        }
        let aborts = signals.count { $0 == "6" }
        try expect(aborts <= hangs.count, "the daemon has aborted \(aborts) times, with \(hangs.count) hangs")
    }
}
