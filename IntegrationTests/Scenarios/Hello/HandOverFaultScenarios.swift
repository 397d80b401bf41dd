import Foundation
import LoadClient
import SystemdTestKit

/// What becomes of open connections when something goes wrong, or changes, while they pass from one process to the next.
enum HandOverFaultScenarios {
    static let all = [
        upgrade, typo, exitsAtOnce, otherFormat, olderFormat, refused, killed, killedTakingUp, timeIsUp, stopped,
        managerReexecutes, idleExit,
    ]

    private static let upgrade = Scenario(
        name: "a new binary takes the connections of the old one",
        summary: "the file is replaced under load; a restart does the rest"
    ) { context in
        let binary = "/usr/local/bin/hellod"
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(
                Hello.health(Hello.ipv4, "upgrade"),
                connections: 50,
                thinkTime: .milliseconds(20)
            )
            try await load.waitForAnswers(100, within: .seconds(10))
            let old = try context.require(FileText.inode("/proc/\(try await context.mainPID())/exe"), "no inode")
            try await context.shell("cp -p \(binary) \(binary).next && mv \(binary).next \(binary)")
            try await context.systemctl("restart", Hello.service)
            let new = try context.require(FileText.inode("/proc/\(try await context.mainPID())/exe"), "no inode")
            try context.expect(old != new, "the old file still runs")
            try await load.waitForAnswers(200, within: .seconds(10))
            let report = await load.stop()
            context.keep(report)
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
    }

    private static let typo = Scenario(
        name: "a restart onto a configuration with a typo, corrected later, keeps every connection and request",
        summary: "the entry says how many wait"
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await context.expectKept { engine in
            try await context.writeFile(Hello.configurationFile, "greeting: {dealy: 1s}\n")
            try await context.systemctl("restart", Hello.service, checked: false)
            let entry = try await context.wait(
                for: "a start that fails and tells what waits",
                until: { !$0.isEmpty },
                observing: { try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.connectionsWait)"]) }
            )
            let waiting = try context.require(Int(entry[0]["CONNECTIONS"] ?? ""), "no count")
            try context.expect(waiting >= 20, "\(waiting) connections wait")
            try await context.writeFile(Hello.configurationFile, "greeting: {delay: 1s}\n")
        }
    }

    private static let exitsAtOnce = Scenario(
        name: "an upgrade to a program that exits at once, and is rolled back, keeps every connection and request",
        summary: "the store is untouched by a process that never read it"
    ) { context in
        try await context.systemctl("start", Hello.service)
        let binary = "/usr/local/bin/hellod"
        try await context.expectKept { engine in
            try await context.shell("mv \(binary) \(binary).good && cp /bin/false \(binary)")
            context.afterwards { try await context.shell("! test -e \(binary).good || mv \(binary).good \(binary)") }
            try await context.systemctl("restart", Hello.service, checked: false)
            try await context.wait(
                for: "two starts that fail",
                until: { $0 >= 2 },
                observing: { Int(try await context.unitProperty(Hello.service, "NRestarts")) ?? 0 }
            )
            try await context.shell("mv \(binary).good \(binary)")
        }
    }

    private static let otherFormat = format(version: 99)
    private static let olderFormat = format(version: 1)

    private static func format(version: Int) -> Scenario {
        Scenario(
            name: "connections that were stored in version \(version) of the format are closed, and the daemon serves",
            summary: "a probe in the daemon's place stores a client's connection"
        ) { context in
            let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let dropIn = "/run/systemd/system/\(Hello.service).d/zz-probe.conf"
            try await context.dropIn(
                Hello.service,
                "probe",
                "[Service]\nExecStart=\nExecStart=\(program) probe-store \(version)\nWatchdogSec=0\n"
            )
            try await context.systemctl("start", Hello.socket)
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                try await context.wait(
                    for: "the connection in the store",
                    until: { $0 == "1" },
                    observing: { try await context.unitProperty(Hello.service, "NFileDescriptorStore") }
                )
                try FileManager.default.removeItem(atPath: dropIn)
                try await context.systemctl("daemon-reload")
                try await context.systemctl("restart", Hello.service)
                try context.expectEqual(try await connection.waitForEnd(within: .seconds(5)), .endOfFile, "the end")
            }
            let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
            try context.expectEqual(entries.first?["DROPPED"], "1", "connections dropped")
            try context.expectEqual(entries.first?["PRIORITY"], "4", "the entry's priority")
            try context.expect(entries.first?["MESSAGE"]?.contains("version \(version)") == true, "\(entries)")
            try await context.expectEmptyStore()
            try await withLoadEngine { engine in
                let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
                try context.expectEqual(answer.response.status, 200, "the status")
            }
        }
    }

    private static let refused = Scenario(
        name: "where the store takes nothing, a restart closes connections cleanly, and says so",
        summary: "FileDescriptorStoreMax=0; announced closes, nothing lost"
    ) { context in
        try await context.dropIn(
            Hello.service,
            "no-store",
            "[Service]\nFileDescriptorStoreMax=0\nEnvironment=HELLO_GREETING_DELAY=200ms\n"
        )
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let loads = [
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 50),
                try await engine.freshConnectionLoad(Hello.greeting(Hello.unix, "fresh"), concurrency: 10),
            ]
            for _ in 0..<5 {
                try await loads[0].waitForAnswers(60, within: .seconds(10))
                try await context.systemctl("restart", Hello.service)
            }
            for load in loads {
                let report = await load.stop()
                context.keep(report)
                try context.expectClean(report)
            }
        }
        let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.handOverFailed)"])
        try context.expectEqual(entries.count, 5, "entries that say so")
    }

    private static let killed = Scenario(
        name: "kill -9 during a hand-over costs the requests in work at most, and the next process serves",
        summary: "ten times, at different moments",
        timeout: .seconds(120)
    ) { context in
        try await context.dropIn(Hello.service, "quick", "[Service]\nEnvironment=HELLO_GREETING_DELAY=150ms\n")
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 100)
            let fresh = try await engine.freshConnectionLoad(Hello.greeting(Hello.ipv4, "fresh"), concurrency: 10)
            for number in 0..<10 {
                try await kept.waitForAnswers(150, within: .seconds(20))
                let pid = try await context.mainPID()
                try await context.systemctl("restart", "--no-block", Hello.service)
                // The moment itself is what varies; nothing waits for it.
                try await Task.sleep(for: .milliseconds(15 * number))
                kill(pid_t(pid), SIGKILL)
                try await context.wait(
                    for: "the next process",
                    within: .seconds(20),
                    until: {
                        $0 == ["ActiveState": "active", "MainPID": $0["MainPID"] ?? ""] && $0["MainPID"] != "\(pid)"
                    },
                    observing: { try await context.unitProperties(Hello.service, "ActiveState", "MainPID") }
                )
            }
            try await kept.waitForAnswers(300, within: .seconds(20))
            for (report, inWork) in [(await kept.stop(), 100), (await fresh.stop(), 10)] {
                context.keep(report)
                let lost = report.count(.reset) + report.count(.closed)
                context.measure("lost of \(report.label) in ten", lost)
                try context.expect(lost <= 10 * inWork, "\(report)")
                try context.expectEqual(report.count(.ok) + lost, report.attempted, "answers and losses: \(report)")
            }
        }
        try await context.expectEmptyStore()
    }

    private static let killedTakingUp = Scenario(
        name: "kill -9 while the next process takes up costs what it had read at most, and the one after it serves",
        summary: "ten times, at different moments of its start",
        timeout: .seconds(120)
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.health(Hello.ipv4, "kept"), connections: 100)
            for number in 0..<10 {
                try await kept.waitForAnswers(150, within: .seconds(20))
                let pid = try await context.mainPID()
                try await context.systemctl("restart", "--no-block", Hello.service)
                let next = try await context.wait(
                    for: "the next process",
                    until: { $0 > 0 && $0 != pid },
                    observing: { Int(try await context.unitProperty(Hello.service, "MainPID")) ?? 0 }
                )
                // The moment itself is what varies; nothing waits for it.
                try await Task.sleep(for: .milliseconds(12 * number))
                kill(pid_t(next), SIGKILL)
                try await context.wait(
                    for: "the process after it",
                    within: .seconds(20),
                    until: { $0["ActiveState"] == "active" && !["\(pid)", "\(next)", "0"].contains($0["MainPID"]) },
                    observing: { try await context.unitProperties(Hello.service, "ActiveState", "MainPID") }
                )
            }
            try await kept.waitForAnswers(300, within: .seconds(20))
            let report = await kept.stop()
            context.keep(report)
            let lost = report.count(.reset) + report.count(.closed)
            context.measure("lost in ten", lost)
            try context.expect(lost <= 10 * 100, "\(report)")
            try context.expectEqual(report.count(.ok) + lost, report.attempted, "answers and losses: \(report)")
            // Most die before they have read anything: a start takes longer than a take-up.
            let takenUp = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
            try context.expect(!takenUp.isEmpty, "no connection was ever taken up")
        }
        try await context.expectEmptyStore()
    }

    private static let timeIsUp = Scenario(
        name: "RuntimeMaxSec= announces its closes, and the next process serves",
        summary: "systemd sends SIGTERM for it, and restarts without a job"
    ) { context in
        try await context.dropIn(
            Hello.service,
            "time",
            "[Service]\nRuntimeMaxSec=2s\nRestart=always\nRestartSec=100ms\nEnvironment=HELLO_GREETING_DELAY=100ms\n"
        )
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 50)
            try await context.wait(
                for: "two lives of 2 s",
                within: .seconds(20),
                until: { $0 >= 2 },
                observing: { Int(try await context.unitProperty(Hello.service, "NRestarts")) ?? 0 }
            )
            try await load.waitForAnswers(100, within: .seconds(10))
            let report = await load.stop()
            context.keep(report)
            try context.expectClean(report)
            try context.expect(report.closeAnnounced >= 100, "\(report)")
            try context.expectEqual(report.idleReset, 0, "resets")
        }
    }

    private static let stopped = Scenario(
        name: "a stop during a hand-over ends with the service stopped, the store empty, and the socket alive",
        summary: "systemctl restart, then systemctl stop before it is done"
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                async let answer = engine.get(Hello.ipv4, within: .seconds(10))
                try await context.wait(
                    for: "a request in work",
                    until: { $0.hasPrefix("Serving: 1 request ") },
                    observing: { try await context.unitProperty(Hello.service, "StatusText") }
                )
                try await context.systemctl("restart", "--no-block", Hello.service)
                try await context.wait(
                    for: "the hand-over to begin",
                    until: { $0 != "active" },
                    observing: { try await context.unitProperty(Hello.service, "ActiveState") }
                )
                try await context.systemctl("stop", Hello.service)
                try context.expectEqual(try await answer.response.text, Hello.greeting, "the greeting in work")
                _ = try await connection.waitForEnd(within: .seconds(5))
            }
            try context.expectEqual(
                try await context.unitProperty(Hello.service, "ActiveState"),
                "inactive",
                Hello.service
            )
            try await context.expectEmptyStore()
            let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(10))
            try context.expectEqual(answer.response.status, 200, "the status of the next connection")
        }
    }

    private static let managerReexecutes = Scenario(
        name: "systemctl daemon-reload and daemon-reexec under load change nothing for clients",
        summary: "also between two restarts"
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let loads = [
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 100),
                try await engine.keepAliveLoad(
                    Hello.health(Hello.unix, "kept-unix"),
                    connections: 20,
                    thinkTime: .milliseconds(20)
                ),
                try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh"), concurrency: 5),
            ]
            for _ in 0..<3 {
                try await loads[0].waitForAnswers(100, within: .seconds(10))
                try await context.systemctl("daemon-reload")
                try await context.systemctl("daemon-reexec")
                try await context.systemctl("restart", Hello.service)
            }
            for (index, load) in loads.enumerated() {
                let report = await load.stop()
                context.keep(report)
                try context.expectClean(report)
                if index < 2 { try context.expectUnnoticed(report) }
            }
        }
    }

    private static let idleExit = Scenario(
        name: "an idle exit that races a connection 500 times loses none",
        summary: "HELLO_IDLE_EXIT=20ms; each connection comes at a random moment around the exit",
        timeout: .seconds(180)
    ) { context in
        try await context.dropIn(Hello.service, "idle", "[Service]\nEnvironment=HELLO_IDLE_EXIT=20ms\n")
        try await context.systemctl("start", Hello.socket)
        var random = SystemRandomNumberGenerator()
        try await withLoadEngine { engine in
            for number in 1...500 {
                if number % 50 == 0 { context.progress("\(number) of 500") }
                let target = number % 2 == 0 ? Hello.ipv4 : Hello.unix
                let answer = try await engine.get(target, path: "/healthz", within: .seconds(10))
                try context.expectEqual(answer.response.status, 200, "the status of connection \(number)")
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...70, using: &random)))
            }
        }
        let exits = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.idleExit)"]).count
        context.measure("idle exits among 500 connections", exits)
        try context.expect(exits >= 20, "only \(exits) idle exits")
        try context.expectEqual(try await context.unitProperty(Hello.socket, "ActiveState"), "active", Hello.socket)
    }
}

extension ScenarioContext {
    /// Fails unless kept-alive clients with greetings in work live through what `body` does, after which the service
    /// starts again.
    func expectKept(_ body: (LoadEngine) async throws -> Void) async throws {
        try await withLoadEngine { engine in
            let waiting = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "waiting"), connections: 20)
            let quick = try await engine.keepAliveLoad(Hello.health(Hello.unix, "quick"), connections: 10)
            try await waiting.waitForAnswers(20, within: .seconds(10))
            try await body(engine)
            try await waiting.waitForAnswers(40, within: .seconds(20))
            try await quick.waitForAnswers(100, within: .seconds(20))
            for report in [await waiting.stop(), await quick.stop()] {
                keep(report)
                try expectClean(report)
                try expectUnnoticed(report)
            }
        }
    }

    /// Fails unless the manager keeps nothing for the service.
    func expectEmptyStore() async throws {
        try expectEqual(try await unitProperty(Hello.service, "NFileDescriptorStore"), "0", "descriptors in the store")
    }
}
