import Foundation
import LoadClient
import SystemdTestKit

/// The Debian package on a real systemd, with the real apt and dpkg: `--packages` says where `make test-deb` has put what
/// is installed here.
enum PackageScenarios {
    static let all = [installs, edited, upgrade, defaults, broken, adminUpgrade, removed]

    private static let installs = Scenario(
        name: "package: what is installed is enabled, listens and serves, from Debian's places",
        summary: "the socket is enabled and started, the service by the first connection, the admin socket by nobody",
        timeout: .seconds(180)
    ) { context in
        try await context.install(.base)
        let states = [
            "is-enabled": ["enabled", "disabled", "disabled"], "is-active": ["active", "inactive", "inactive"],
        ]
        for (verb, expected) in states {
            let said = try await context.systemctl(
                verb,
                Hello.socket,
                Hello.service,
                "hello-admin.socket",
                checked: false
            )
            try context.expectEqual(said.output.split(separator: "\n").map(String.init), expected, verb)
        }
        try await withLoadEngine { engine in
            let answer = try await engine.get(Hello.ipv4, within: .seconds(10))
            try context.expectEqual(answer.response.text, Hello.greeting, "the greeting")
        }
        let program = try FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/\(try await context.mainPID())/exe"
        )
        try context.expectEqual(program, "/usr/bin/hellod", "the program")
        for line in [
            "hellod check-config --unit hello.service", "hellod --version", "man -w hellod",
            "journalctl --list-catalog \(Hello.Event.ready)", "test -s /usr/share/doc/hellod/drop-ins/idle-exit.conf",
            "test -s /usr/share/bash-completion/completions/hellod",
        ] {
            try await context.shell(line)
        }
        // What autopkgtest runs of an installed package.
        try await context.shell("\(Product.installer)/deploy/debian/tests/installed", timeout: .seconds(120))
        // Nothing is told of files that are as they were installed.
        try context.expectEqual(try await context.shell("dpkg --verify hellod").output, "", "what differs")
    }

    private static let edited = Scenario(
        name:
            "package: an edited configuration stays as it is over an upgrade, and the new version runs with it",
        summary: "it is a conffile, and the new package brings the same one",
        timeout: .seconds(180)
    ) { context in
        try await context.install(.base)
        try await context.systemctl("start", Hello.service)
        let text = "greeting: {delay: 7ms}\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: Hello.configurationFile))
        try await context.systemctl("reload", Hello.service)
        let process = try await context.mainPID()
        try await context.install(.upgrade)
        let next = try await context.mainPID()
        try context.expect(next != process, "the old process still runs")
        try context.expectEqual(
            FileManager.default.contents(atPath: Hello.configurationFile),
            Data(text.utf8),
            "the file"
        )
        let shown = try await context.shell("hellod check-config --unit hello.service").output
        try context.expect(shown.contains("7ms"), shown)
    }

    private static let upgrade = Scenario(
        name: "package: apt upgrades it under load, and no client notices",
        summary: "kept connections with requests in work, and new ones all the while; the sockets are left alone",
        timeout: .seconds(240)
    ) { context in
        try await context.install(.base)
        try await context.systemctl("start", Hello.service)
        let process = try await context.mainPID()
        let socket = try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic")
        let before = try await context.packageVersion()
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 200)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh"), concurrency: 8)
            let local = try await engine.keepAliveLoad(Hello.greeting(Hello.unix, "local"), connections: 50)
            try await kept.waitForAnswers(200, within: .seconds(10))
            try await fresh.waitForAnswers(200, within: .seconds(10))
            try await context.install(.upgrade)
            try await kept.waitForAnswers(400, within: .seconds(20))
            try await context.expectNothingNoticed(kept, fresh)
            let report = await local.stop()
            context.keep(report)
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
        let after = try await context.packageVersion()
        try context.expect(after != before, "the version is still \(before)")
        let next = try await context.mainPID()
        try context.expect(next != process, "the old process still runs")
        try context.expectEqual(
            try await context.unitProperty(Hello.socket, "ActiveEnterTimestampMonotonic"),
            socket,
            "when the socket was opened"
        )
        let taken = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
        try context.expectEqual(taken.count, 1, "entries of a process that took connections up")
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

    private static let adminUpgrade = Scenario(
        name: "package: an upgrade keeps what the administrator has enabled and stopped",
        summary: "the admin socket goes on listening, a socket that is disabled is not started",
        timeout: .seconds(240)
    ) { context in
        try await context.install(.base)
        try await context.systemctl("enable", "hello-admin.socket")
        try await context.systemctl("restart", Hello.service)
        let admin = Target.tcp(host: "127.0.0.1", port: 8081)
        try await withLoadEngine { engine in
            try await context.install(.upgrade)
            let answer = try await engine.get(admin, path: "/metrics", within: .seconds(10))
            try context.expectEqual(answer.response.status, 200, "the status of /metrics")
        }
        try await context.systemctl("disable", "--now", Hello.socket, "hello-admin.socket")
        try await context.install(.base)
        let said = try await context.systemctl(
            "is-active",
            Hello.socket,
            "hello-admin.socket",
            Hello.service,
            checked: false
        )
        try context.expectEqual(said.output, "inactive\ninactive\ninactive\n", "what runs")
    }

    private static let removed = Scenario(
        name: "package: removed, it stops and leaves the configuration; purged, nothing",
        summary: "files by name, units, links, and what deb-systemd-helper notes",
        timeout: .seconds(240)
    ) { context in
        let before = try await context.traces()
        try await context.install(.base)
        try await context.systemctl("enable", "--now", "hello-admin.socket")
        try await context.systemctl("restart", Hello.service)
        let installed = try await context.traces()
        try context.expect(installed != before, "nothing is found of what is installed")
        try await withLoadEngine { engine in
            let answer = try await engine.get(Hello.unix, path: "/healthz", within: .seconds(10))
            try context.expectEqual(answer.response.status, 200, "the status")
        }
        try Data("greeting: {delay: 7ms}\n".utf8).write(to: URL(fileURLWithPath: Hello.configurationFile))
        try await context.apt("remove", "hellod")
        let units = try await context.systemctl("list-units", "--no-legend", "--plain", "hello*", checked: false).output
        try context.expectEqual(units, "", "what runs")
        try context.expect(FileManager.default.fileExists(atPath: Hello.configurationFile), "the configuration is gone")
        try context.expect(!FileManager.default.fileExists(atPath: "/run/hello.sock"), "the Unix socket is there")
        try await context.apt("purge", "hellod")
        try context.expectEqual(try await context.traces(), before, "what is left")
        let known = try await context.shell("journalctl --list-catalog \(Hello.Event.ready)", checked: false).output
        try context.expect(!known.contains(Hello.Event.ready), known)
    }
}

/// What `Tests/package/variants` makes.
private enum TestPackage: String {
    case base, upgrade, broken, control
    case controlUpgrade = "control-upgrade"

    var path: String { "\(Session.installedPackages)/\(rawValue).deb" }
}

extension ScenarioContext {
    /// Installs a package with apt as an administrator would, which may be an older version than the one that is there.
    /// It is purged when the scenario is over.
    fileprivate func install(_ package: TestPackage) async throws {
        // Of one that is purged already, dpkg only says so.
        afterwards { [self] in try await shell("dpkg --purge hellod") }
        try await apt("install", "--allow-downgrades", package.path)
    }

    /// Runs apt. It asks nothing: a question would be about a conffile, and the answer is to keep what is there.
    fileprivate func apt(_ arguments: String...) async throws {
        try await command(
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "-o", "Dpkg::Use-Pty=0"]
                + ["-o", "Dpkg::Options::=--force-confold"] + arguments,
            timeout: .seconds(120)
        )
    }

    fileprivate func packageVersion() async throws -> String {
        try await shell("dpkg-query --show --showformat '${Version}' hellod").output
    }

    /// Paths with the daemon's name where packages, systemd and the daemon itself put something.
    fileprivate func traces() async throws -> [String] {
        try await shell(
            "find /etc /usr/bin /usr/lib /lib/systemd /usr/share /var/lib /var/cache /run -xdev -name '*hello*' "
                + "-not -path '\(Session.installedPackages)*' | sort"
        ).output.split(separator: "\n").map(String.init)
    }
}
