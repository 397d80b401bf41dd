import LoadClient
import SystemdTestKit

/// Upgrades of the Debian package, under load and of a machine that serves nobody.
enum PackageUpgradeScenarios {
    static let all = [upgrade, defaults, broken, keepsMetrics, disabled, drained]

    private static let upgrade = Scenario(
        name: "package: apt upgrades it under load, and no client notices",
        summary:
            "kept connections with requests in work, new ones all the while, an instance; the sockets are left alone",
        timeout: .seconds(240)
    ) { context in
        try await context.install(.base)
        let one = try await context.instance("one", port: 8090)
        try await context.systemctl("start", Hello.service, one.service)
        let processes = try await context.processes(of: [Hello.service, one.service])
        let socket = try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic")
        let before = try await context.packageVersion()
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 200)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh"), concurrency: 8)
            let local = try await engine.keepAliveLoad(Hello.greeting(Hello.unix, "local"), connections: 50)
            let neighbour = try await engine.keepAliveLoad(Hello.health(one.target, "instance"), connections: 20)
            try await kept.waitForAnswers(200, within: .seconds(10))
            try await fresh.waitForAnswers(200, within: .seconds(10))
            try await context.install(.upgrade)
            try await kept.waitForAnswers(400, within: .seconds(20))
            try await neighbour.waitForAnswers(100, within: .seconds(20))
            try await context.expectNothingNoticed(kept, fresh)
            for load in [local, neighbour] {
                let report = await load.stop()
                context.keep(report)
                try context.expectClean(report)
                try context.expectUnnoticed(report)
            }
        }
        let after = try await context.packageVersion()
        try context.expect(after != before, "the version is still \(before)")
        let next = try await context.processes(of: [Hello.service, one.service])
        try context.expect(zip(next, processes).allSatisfy { $0 != $1 }, "an old process still runs: \(next)")
        try context.expectEqual(
            try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic"),
            socket,
            "when the socket was opened"
        )
        let taken = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
        let units = taken.map { $0["_SYSTEMD_UNIT"] ?? "" }.sorted()
        try context.expectEqual(units, [Hello.service, one.service], "who took connections up, once each")
    }

    private static let defaults = Scenario(
        name: "package: with debhelper's defaults the same upgrade loses connections",
        summary: "the control of the scenario before: it can fail",
        timeout: .seconds(300)
    ) { context in
        try await context.install(.control)
        try await context.systemctl("start", Hello.service)
        let socket = try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic")
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 200)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh"), concurrency: 32)
            try await kept.waitForAnswers(200, within: .seconds(10))
            try await fresh.waitForAnswers(200, within: .seconds(10))
            // The sockets are closed for a moment only: up and down again, until somebody was there.
            var upgrades = 0
            var seen = 0
            while upgrades < 10, seen == 0 {
                upgrades += 1
                try await context.install(upgrades.isMultiple(of: 2) ? .control : .controlUpgrade)
                try await kept.waitForAnswers(400, within: .seconds(20))
                seen = await fresh.snapshot().failures
            }
            context.measure("upgrades and downgrades", upgrades)
            let reports = [await kept.stop(), await fresh.stop()]
            for report in reports { context.keep(report) }
            let lost = reports.reduce(0) { $0 + $1.failures }
            context.measure("requests lost", lost)
            try context.expect(lost > 0, "nothing was lost, and so the scenario before shows nothing")
        }
        let now = try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic")
        try context.expect(now != socket, "the socket was left alone")
    }

    private static let broken = Scenario(
        name: "package: an upgrade to a program that exits at once keeps every connection until it is rolled back",
        summary: "requests in work wait in the manager's store, new ones in the socket's queue",
        timeout: .seconds(240)
    ) { context in
        try await context.install(.base)
        try await context.systemctl("start", Hello.service)
        try await context.expectKept { engine in
            try await context.install(.broken)
            try await context.wait(
                for: "two starts that fail",
                until: { $0 >= 2 },
                observing: { Int(try await context.unitProperty(Hello.service, "NRestarts")) ?? 0 }
            )
            async let answer = engine.get(Hello.ipv4, path: "/healthz", within: .seconds(60))
            try await context.install(.base)
            try context.expectEqual(try await answer.response.status, 200, "the status for who came meanwhile")
        }
        try await context.expectEmptyStore()
    }

    private static let keepsMetrics = Scenario(
        name: "package: an upgrade keeps the admin socket that the administrator has enabled",
        summary: "it goes on listening",
        timeout: .seconds(180)
    ) { context in
        try await context.install(.base)
        try await context.systemctl("enable", Hello.adminSocket)
        try await context.systemctl("restart", Hello.service)
        try await withLoadEngine { engine in
            try await context.install(.upgrade)
            let answer = try await engine.get(
                .tcp(host: "127.0.0.1", port: 8081),
                path: "/metrics",
                within: .seconds(10)
            )
            try context.expectEqual(answer.response.status, 200, "the status of /metrics")
        }
    }

    private static let disabled = stays(
        "disabled",
        ["disable", "--now", Hello.socket, Hello.service],
        summary: "hello-admin.socket is enabled still: it is not started, and so no scrape starts the rest"
    )
    private static let drained = stays(
        "stopped",
        ["stop", Hello.socket],
        summary: "all is enabled still: the machine was taken out of a balancer, and the upgrade does not bring it back"
    )

    /// An upgrade, and a downgrade, of a machine that serves nobody.
    private static func stays(_ how: String, _ arguments: [String], summary: String) -> Scenario {
        Scenario(
            name: "package: an upgrade leaves stopped what was \(how) with hello.socket",
            summary: summary,
            timeout: .seconds(240)
        ) { context in
            try await context.install(.base)
            let one = try await context.instance("one", port: 8090)
            try await context.systemctl("enable", Hello.adminSocket, one.socket)
            try await context.systemctl("restart", Hello.service)
            let scrape = ["curl", "--silent", "--max-time", "5", "http://127.0.0.1:8081/metrics"]
            try await context.command(scrape)
            try await context.command(["systemctl"] + arguments)
            try await context.systemctl("stop", one.socket)
            for package in [TestPackage.upgrade, .base] {
                try await context.install(package)
                // curl's status for a connection that is refused.
                let status = try await context.command(scrape, checked: false).status
                try context.expectEqual(status, .exited(7), "curl's status")
                try await context.expectActive([
                    Hello.socket: false, Hello.adminSocket: false, Hello.service: false, one.socket: false,
                ])
            }
            try await context.systemctl("start", Hello.socket)
            try await context.command(scrape)
        }
    }
}
