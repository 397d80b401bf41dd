import LoadClient
import SystemdTestKit

/// What a reload changes, and what a bad configuration does not.
enum ReloadScenarios {
    static let all = [goodReload, badReload, badStart]

    private static let goodReload = Scenario(
        name: "systemctl reload applies a good configuration without a client noticing",
        summary: "and returns when it has; a storm of SIGHUPs is harmless",
        everyVersion: true
    ) { context in
        try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 1s\n")
        try await context.systemctl("start", Hello.service)
        let pid = try await context.mainPID()
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "reload"), connections: 50)
            try await load.waitForAnswers(50, within: .seconds(10))
            try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 250ms\n")
            try await context.systemctl("reload", Hello.service)
            let answer = try await engine.get(Hello.ipv4, within: .seconds(5))
            try context.expect(
                answer.totalTime >= .milliseconds(250) && answer.totalTime < .milliseconds(900),
                "the greeting took \(answer.totalTime) after the reload"
            )
            try context.expectEqual(
                try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.reloaded)"]).count,
                1,
                "entries of the reload when systemctl returns"
            )
            for _ in 0..<50 { try await context.systemctl("kill", "--signal=HUP", Hello.service) }
            try await load.waitForAnswers(100, within: .seconds(10))
            try await context.systemctl("reload", Hello.service)
            try context.expectClean(await load.stop())
        }
        try context.expectEqual(try await context.mainPID(), pid, "the process")
        try context.expectEqual(try await context.unitProperty(Hello.service, "SubState"), "running", "the service is")
    }

    private static let badReload = Scenario(
        name: "a reload with a bad configuration fails, says why, and changes nothing",
        summary: "systemctl's status, the journal and the status line all say it"
    ) { context in
        try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 300ms\n")
        try await context.systemctl("start", Hello.service)
        let pid = try await context.mainPID()
        try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: banana\n  dealy: 1s\n")
        let reload = try await context.systemctl("reload", Hello.service, checked: false)
        try context.expect(!reload.isSuccess, "systemctl reload succeeded")
        let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.reloadFailed)"])
        try context.expectEqual(entries.count, 1, "entries of the failed reload")
        let said = entries.first?["MESSAGE"] ?? ""
        for word in ["\(Hello.configurationFile):2", "banana", "\(Hello.configurationFile):3", "dealy"] {
            try context.expect(said.contains(word), "the journal does not say \(word): \(said)")
        }
        let status = try await context.unitProperty(Hello.service, "StatusText")
        try context.expect(status.contains("reload failed"), "the status line is: \(status)")
        try await withLoadEngine { engine in
            let answer = try await engine.get(Hello.ipv4, within: .seconds(5))
            try context.expect(answer.totalTime < .milliseconds(900), "the old configuration is gone")
        }
        try context.expectEqual(try await context.mainPID(), pid, "the process")
        // Mended, it loads, and the status line has nothing to complain of.
        try await context.writeFile(Hello.configurationFile, "greeting:\n  delay: 200ms\n")
        try await context.systemctl("reload", Hello.service)
        let mended = try await context.unitProperty(Hello.service, "StatusText")
        try context.expect(!mended.contains("reload failed"), "the status line still is: \(mended)")
    }

    private static let badStart = Scenario(
        name: "a start with a bad configuration fails with 78, and the socket waits for the repair",
        summary: "a connection made meanwhile is answered once the file is mended"
    ) { context in
        try await context.writeFile(Hello.configurationFile, "greetings:\n  delay: 1s\n")
        let start = try await context.systemctl("start", Hello.service, checked: false)
        try context.expect(!start.isSuccess, "systemctl start succeeded")
        let end = try await context.unitProperties(Hello.service, "ExecMainStatus", "StatusErrno")
        try context.expectEqual(end, ["ExecMainStatus": "78", "StatusErrno": "22"], "the end")
        let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.configurationInvalid)"])
        let said = entries.first?["MESSAGE"] ?? ""
        try context.expect(said.contains("\(Hello.configurationFile):1"), "the journal says: \(said)")
        try await withLoadEngine { engine in
            async let waiting = engine.get(Hello.ipv4, path: "/healthz", within: .seconds(20))
            // It fails again while the connection waits; the socket must survive that.
            try await context.wait(
                for: "three failed starts",
                within: .seconds(15),
                until: { $0 >= 3 },
                observing: {
                    try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.configurationInvalid)"]).count
                }
            )
            try context.expectEqual(try await context.unitProperty(Hello.socket, "ActiveState"), "active", Hello.socket)
            try await context.writeFile(Hello.configurationFile, "")
            try context.expectEqual(try await waiting.response.status, 200, "the status")
        }
    }
}
