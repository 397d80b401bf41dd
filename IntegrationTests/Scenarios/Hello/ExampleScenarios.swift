import LoadClient
import SystemdTestKit

/// The daemons below Examples/ with the units that they write themselves: `--examples` says where their programs are.
enum ExampleScenarios {
    static let all = [greeter, notes]

    private static let greeter = Scenario(
        name: "example: the smallest daemon is activated, ready, reloaded, and restarted under load without a loss",
        summary: "fifteen lines of Swift, with requests of a second in work at each of three restarts",
        timeout: .seconds(120)
    ) { context in
        let example = Example(name: "greeter")
        try await context.install(example)
        try await context.serves(example)
        try await context.restarts(example, under: Hello.greeting(Hello.ipv4, "greeter"))
        let rated = try await context.command(
            ["systemd-analyze", "security", "--no-pager", example.service],
            checked: false
        ).output
        let line = try context.require(rated.split(separator: "\n").last { $0.contains("Overall") }, rated)
        let score = try context.require(line.split(separator: " ").compactMap { Double($0) }.first, "no score: \(line)")
        context.measure("systemd-analyze security", score)
        try context.expect(score <= 0.2, "the score is \(score)")
        try await context.stops(example)
    }

    private static let notes = Scenario(
        name: "example: a daemon with bodies and a service of its own is restarted under load, and both end cleanly",
        summary: "notes are added at each of three restarts; what runs beside the endpoints says that it has ended",
        timeout: .seconds(120)
    ) { context in
        let example = Example(name: "notes")
        try await context.install(example)
        try await context.dropIn(example.service, "room", "[Service]\nEnvironment=NOTES_STORE_MOST=10000\n")
        try await context.serves(example)
        var plan = RequestPlan(target: Hello.ipv4, path: "/notes")
        plan.label = "notes"
        plan.method = "POST"
        plan.headers = [("Content-Type", "application/json")]
        plan.body = Array(#"{"title":"milk","tags":["shop"],"author":{"name":"a","age":3}}"#.utf8)
        plan.expectedStatus = 201
        plan.requestIDPrefix = "notes"
        plan.timeout = .seconds(20)
        try await context.restarts(example, under: plan, thinkTime: .milliseconds(100))
        let metrics = try await context.command(["curl", "--silent", "--fail", "http://127.0.0.1:8081/metrics"]).output
        try context.expect(metrics.contains(#/\nnotes_added_total [1-9]/#), "nothing was counted: \(metrics)")
        try await context.stops(example)
        let said = try await context.journal(unit: example.service).compactMap { $0["MESSAGE"] }
        try context.expect(
            said.filter { $0 == "No more notes are asked for" }.count == 4,
            "of four processes, each says that its service has ended: \(said)"
        )
    }
}

/// A daemon below Examples/.
private struct Example {
    let name: String
    var service: String { "\(name).service" }
    var sockets: [String] { ["\(name).socket", "\(name)-admin.socket"] }
    var program: String { "\(Session.installedExamples)/\(name)" }
}

extension ScenarioContext {
    /// Has the example write its units, and puts them where they belong; all is taken back when the scenario is over.
    fileprivate func install(_ example: Example) async throws {
        let (name, units) = (example.name, "/run/systemd/system")
        let files = [example.service] + example.sockets
        afterwards { [self] in
            try await command(["systemctl", "stop"] + files, checked: false)
            try await shell("cd \(units) && rm -f \(files.joined(separator: " ")) && rm -rf /etc/\(name) /run/units")
            try await systemctl("daemon-reload")
        }
        try await shell(
            """
            mkdir -p \(units) /etc/\(name)
            \(example.program) units /run/units --program \(example.program)
            cp /run/units/*.socket /run/units/*.service \(units)/
            cp /run/units/*.yaml /etc/\(name)/
            """
        )
        try await systemctl("daemon-reload")
    }

    /// A connection to the socket starts it; it is ready then, has what every daemon has, and follows a reload.
    fileprivate func serves(_ example: Example) async throws {
        try await command(["systemctl", "start"] + example.sockets)
        try expectEqual(try await unitProperty(example.service, "ActiveState"), "inactive", "before a connection")
        for path in ["/healthz", "/readyz", "/docs", "/openapi.json"] {
            try await command(["curl", "--silent", "--fail", "--max-time", "10", "http://127.0.0.1:8080\(path)"])
        }
        try await wait(
            for: "\(example.service) to be active",
            until: { $0 == "active" },
            observing: { try await unitProperty(example.service, "ActiveState") }
        )
        let metrics = try await command(["curl", "--silent", "--fail", "http://127.0.0.1:8081/metrics"]).output
        try expect(metrics.contains("\n\(example.name)_"), "its metrics have other names: \(metrics)")
        try await systemctl("reload", example.service)
        let own = "SYSLOG_IDENTIFIER=\(example.name)"
        for event in [Hello.Event.ready, Hello.Event.reloaded] {
            let entries = try await journal(matching: ["MESSAGE_ID=\(event)", own])
            try expectEqual(entries.count, 1, "entries of \(event)")
        }
    }

    /// Three restarts with requests in work, of which no client notices anything.
    fileprivate func restarts(_ example: Example, under plan: RequestPlan, thinkTime: Duration = .zero) async throws {
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(plan, connections: 50, thinkTime: thinkTime)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh"), concurrency: 8)
            for _ in 0..<3 {
                try await kept.waitForAnswers(100, within: .seconds(20))
                try await fresh.waitForAnswers(100, within: .seconds(20))
                try await systemctl("restart", example.service)
            }
            try await kept.waitForAnswers(100, within: .seconds(20))
            try await expectNothingNoticed(kept, fresh)
        }
        let taken = try await journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"], unit: example.service)
        try expectEqual(taken.count, 3, "entries of a process that took connections up")
    }

    /// A stop ends it with 0.
    fileprivate func stops(_ example: Example) async throws {
        try await systemctl("stop", example.service)
        let end = try await unitProperties(example.service, "Result", "ExecMainStatus")
        try expectEqual(end, ["Result": "success", "ExecMainStatus": "0"], "the end")
    }
}
