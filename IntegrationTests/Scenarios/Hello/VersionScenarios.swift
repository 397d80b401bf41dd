import Glibc
import LoadClient
import SystemdTestKit

/// What units may say that not every systemd knows: in force where it does, and without harm where it does not.
enum VersionScenarios {
    static let all = [newerDropIn, restartDirect, notifyReload]

    /// The first systemd that restarts without a failed state, and waits longer each time.
    private static let restartsDirectly = 254
    /// The first systemd that sends SIGHUP itself, and waits for the answer.
    private static let reloadsByNotification = 253

    /// A directive of newer-systemd.conf, and the property that shows it.
    private static let newerDirectives = [
        "RestartMode": (property: "RestartMode", value: "direct"),
        "RestartSteps": (property: "RestartSteps", value: "5"),
        "RestartMaxDelaySec": (property: "RestartMaxDelayUSec", value: "10s"),
    ]

    private static let newerDropIn = Scenario(
        name: "newer-systemd.conf, installed under load as its head says, is in force from 254 on, harmless before",
        summary: "its restart and one more lose and close nothing; an older systemd names each line that it ignores",
        everyVersion: true
    ) { context in
        let directory = "/usr/local/share/doc/hello/drop-ins"
        let file = "\(directory)/newer-systemd.conf"
        let lines = try context.require(FileText.read(file), "\(file) is not installed").split(separator: "\n")
        let commands = lines.filter { $0.hasPrefix("#     ") }.map { String($0.dropFirst(6)) }
        let directives = lines.compactMap { $0.firstMatch(of: /^(\w+)=/).map { String($0.1) } }
        try context.expectEqual(directives.sorted(), newerDirectives.keys.sorted(), "the directives in the file")
        context.afterwards {
            // Not the directory with it: there may be drop-ins of the whole run in it, or of an operator's.
            let dropIns = "/etc/systemd/system/hello.service.d"
            try await context.shell(
                "rm -f \(dropIns)/newer-systemd.conf; rmdir --ignore-fail-on-non-empty \(dropIns); systemctl daemon-reload"
            )
        }
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 30)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.unix, "fresh"), concurrency: 3)
            try await kept.waitForAnswers(30, within: .seconds(10))
            let before = try await context.mainPID()
            try await context.shell("cd \(directory)\nset -e\n" + commands.joined(separator: "\n"))
            let after = try await context.mainPID()
            try context.expect(after != before, "the head's commands have restarted nothing")
            _ = try await context.restart()
            try await kept.waitForAnswers(30, within: .seconds(10))
            try await context.expectNothingNoticed(kept, fresh)
        }
        let areKnown = context.options.systemdVersion >= restartsDirectly
        try await context.expectDirectives(newerDirectives, areKnown: areKnown)
        // What the drop-in leaves as it is: a reload that fails says so.
        try await context.writeFile(Hello.configurationFile, "greeting:\n  dealy: 1s\n")
        let reload = try await context.systemctl("reload", Hello.service, checked: false)
        try context.expect(!reload.isSuccess, "systemctl reload succeeded with a bad configuration")
    }

    private static let restartDirect = Scenario(
        name: "with RestartMode=direct a crash leaves dependent units alone; before 254 it stops and restarts them",
        summary: "units with Requires=, BindsTo= and PartOf=; a connection made meanwhile waits in the queue",
        everyVersion: true
    ) { context in
        try await context.dropIn(Hello.service, "direct", "[Service]\nRestartMode=direct\nRestartSec=1s\n")
        let dependents = ["Requires", "BindsTo", "PartOf"].map { (unit: "hello-\($0.lowercased()).service", key: $0) }
        for (unit, key) in dependents {
            let order = "\(key)=\(Hello.service)\nAfter=\(Hello.service)"
            try await context.unit(unit, "[Unit]\n\(order)\n[Service]\nExecStart=/bin/sleep infinity\n")
        }
        for (unit, _) in dependents { try await context.systemctl("start", unit) }
        try await context.systemctl("start", Hello.service)
        let states = { () async throws -> [String] in
            var states = [try await context.unitProperty(Hello.service, "InactiveEnterTimestampMonotonic")]
            for (unit, _) in dependents { states.append(try await context.unitProperty(unit, "MainPID")) }
            return states
        }
        let before = try await states()
        try await context.systemctl("kill", "--signal=KILL", Hello.service)
        try await context.wait(
            for: "the service to wait for its restart",
            until: { $0 == "auto-restart" },
            observing: { try await context.unitProperty(Hello.service, "SubState") }
        )
        try await withLoadEngine { engine in
            let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(10))
            try context.expectEqual(answer.response.status, 200, "the status")
            context.measure("waited in the queue", answer.totalTime)
        }
        try context.expectEqual(try await context.unitProperty(Hello.service, "NRestarts"), "1", "automatic restarts")
        let after = try await states()
        if context.options.systemdVersion >= restartsDirectly {
            try context.expectEqual(after, before, "when the service was last inactive, and its dependents' processes")
        } else {
            let changed = zip(before, after).map { $0 != $1 }
            try context.expectEqual(changed, [true, true, true, true], "whether each has changed: \(before), \(after)")
            try context.expectEqual(after[2], "0", "the process of the unit that is bound to the service")
            try await context.expectIgnored("Unknown key 'RestartMode' in section [Service], ignoring.")
        }
    }

    private static let notifyReload = Scenario(
        name: "Type=notify-reload: a reload returns when it is in force, and when it has failed; 252 ignores the type",
        summary: "SIGHUP is the manager's from 253 on, which cannot be told that a reload has failed",
        everyVersion: true
    ) { context in
        // Less than a reload that is not answered would take: until it fails.
        let settings = "[Service]\nType=notify-reload\nTimeoutStartSec=10s\n"
        let isKnown = context.options.systemdVersion >= reloadsByNotification
        try await context.dropIn(Hello.service, "reload", settings + (isKnown ? "ExecReload=\n" : ""))
        try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 400ms\n")
        try await context.systemctl("start", Hello.service)
        let pid = try await context.mainPID()
        try context.expectEqual(
            try await context.unitProperty(Hello.service, "Type"),
            isKnown ? "notify-reload" : "notify",
            "the type of the service"
        )
        if !isKnown { try await context.expectIgnored("Failed to parse service type, ignoring: notify-reload") }
        try await withLoadEngine { engine in
            for number in 1...10 {
                let isQuick = number % 2 == 1
                let delay = isQuick ? "10ms" : "400ms"
                try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: \(delay)\n")
                // More of them than one are one, or one more: the last one asked for is waited for.
                if number > 6 { for _ in 0..<20 { kill(pid_t(pid), SIGHUP) } }
                try await context.systemctl("reload", Hello.service)
                let took = try await engine.get(Hello.ipv4, within: .seconds(5)).totalTime
                try context.expect(isQuick == (took < .milliseconds(400)), "with a delay of \(delay) it took \(took)")
            }
            try await context.writeFile(Hello.configurationFile, "greeting:\n  dealy: 1s\n")
            let bad = try await context.systemctl("reload", Hello.service, checked: false)
            try context.expectEqual(bad.isSuccess, isKnown, "whether a bad reload succeeds")
            let state = try await context.unitProperties(Hello.service, "SubState", "MainPID")
            try context.expectEqual(state, ["SubState": "running", "MainPID": "\(pid)"], "the service")
            let status = try await context.unitProperty(Hello.service, "StatusText")
            try context.expect(status.contains("reload failed"), "the status line is: \(status)")
            let failures = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.reloadFailed)"])
            try context.expectEqual(failures.map { $0["PRIORITY"] }, ["3"], "priorities of failed reloads' entries")
            // Mended, it loads.
            try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 10ms\n")
            try await context.systemctl("reload", Hello.service)
            let took = try await engine.get(Hello.ipv4, within: .seconds(5)).totalTime
            try context.expect(took < .milliseconds(400), "the mended configuration is not in force: \(took)")
        }
    }
}

extension ScenarioContext {
    /// Fails unless each directive of newer-systemd.conf is in force, or, where it is not known, is named and ignored.
    fileprivate func expectDirectives(
        _ directives: [String: (property: String, value: String)],
        areKnown: Bool
    ) async throws {
        let verified = try await command(["systemd-analyze", "verify", "--man=no", Hello.service])
        let lines = (verified.output + verified.error).split(separator: "\n")
        let said = lines.filter { $0.contains("newer-systemd.conf") }
        try expectEqual(said.count, areKnown ? 0 : directives.count, "what systemd-analyze verify says: \(said)")
        for (name, shown) in directives {
            let value = try await unitProperty(Hello.service, shown.property)
            try expectEqual(value, areKnown ? shown.value : "", shown.property)
            if !areKnown { try await expectIgnored("Unknown key '\(name)' in section [Service], ignoring.") }
        }
    }

    /// Fails unless the manager has said of a line that it ignores it.
    fileprivate func expectIgnored(_ remark: String) async throws {
        let said = try await journal(matching: ["_PID=1"]).compactMap { $0["MESSAGE"] }
        try expect(said.contains { $0.hasSuffix(remark) }, "systemd does not say: \(remark)")
    }
}
