import Foundation
import LoadClient
import SystemdTestKit

/// The Debian package on a real systemd, with the real apt and dpkg: `--packages` says where `make test-deb` has put what
/// is installed here.
enum PackageScenarios {
    static let all = [installs, edited, beside, removed, purged, returns, aborted]

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
            "hellod check-config --unit hello.service", "hellod --version", "test -s /usr/share/man/man8/hellod.8.gz",
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
        name: "package: an edited configuration stays as it is over an upgrade that brings another one",
        summary: "dpkg puts the new one beside it, the new program runs with the edited one, and purge takes both",
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
        try context.expectEqual(FileText.read(Hello.configurationFile), text, "the file")
        let brought = FileText.read(Hello.configurationFile + ".dpkg-dist") ?? ""
        try context.expect(brought.hasSuffix("# The upgrade brings this line.\n"), "beside it is: \(brought)")
        let shown = try await context.shell("hellod check-config --unit hello.service").output
        try context.expect(shown.contains("7ms"), shown)
        try await context.apt("purge", "hellod")
        try context.expect(!FileManager.default.fileExists(atPath: "/etc/hello"), "/etc/hello is left")
    }

    private static let beside = Scenario(
        name: "package: beside it make install refuses, and make uninstall of an older one takes files alone",
        summary: "units in /usr/local would win over the package's, and a disabled one would be the package's",
        timeout: .seconds(180)
    ) { context in
        let variables = "DESTDIR= PREFIX=/usr/local SYSCONFDIR=/usr/local/etc HELLOD=/bin/true"
        let scripts = "\(Product.installer)/scripts"
        let uninstall = "\(variables) \(scripts)/uninstall"
        let unit = "/usr/local/lib/systemd/system/hello.service"
        context.afterwards { try await context.shell(uninstall, checked: false, timeout: .seconds(60)) }
        try await context.shell("\(variables) \(scripts)/install", timeout: .seconds(60))
        try await context.install(.base)
        try await context.shell(uninstall, timeout: .seconds(60))
        try context.expect(!FileManager.default.fileExists(atPath: unit), "\(unit) is left")
        let refused = try await context.shell("\(variables) \(scripts)/install", checked: false, timeout: .seconds(60))
        try context.expect(!refused.isSuccess, "it was installed")
        try context.expect(refused.error.contains("the Debian package hellod is installed"), refused.error)
        try context.expect(!FileManager.default.fileExists(atPath: unit), "\(unit) is there")
        try context.expectEqual(
            try await context.systemctl("is-enabled", Hello.socket).trimmed,
            "enabled",
            Hello.socket
        )
        try await context.expectActive([Hello.socket: true])
    }

    private static let removed = Scenario(
        name: "package: removed, it stops and leaves the configuration; purged, nothing",
        summary: "files by name, units, links, and what deb-systemd-helper notes",
        timeout: .seconds(240)
    ) { context in
        let before = try await context.packageTraces()
        try await context.install(.base)
        try await context.systemctl("enable", "--now", "hello-admin.socket")
        try await context.systemctl("restart", Hello.service)
        let installed = try await context.packageTraces()
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
        try context.expectEqual(try await context.packageTraces(), before, "what is left")
        let known = try await context.shell("journalctl --list-catalog \(Hello.Event.ready)", checked: false).output
        try context.expect(!known.contains(Hello.Event.ready), known)
    }

    private static let purged = Scenario(
        name: "package: purged with instances that serve and have metrics, it leaves nothing",
        summary: "the test that autopkgtest runs last",
        timeout: .seconds(180)
    ) { context in
        try await context.install(.base)
        let said = try await context.shell(
            "\(Product.installer)/deploy/debian/tests/purged",
            timeout: .seconds(120)
        ).output
        try context.expect(said.contains("purged: OK"), said)
    }

    private static let returns = Scenario(
        name: "package: removed and installed again, what ran and is enabled comes back, and nothing else",
        summary: "hello.socket with its metrics, an instance that ran, one that was stopped, one that was not enabled",
        timeout: .seconds(240)
    ) { context in
        let states = try await context.installWithInstances()
        try await context.apt("remove", "hellod")
        try await context.expectActive(states.mapValues { _ in false })
        try await context.install(.base)
        try await context.expectActive(states)
        try context.expect(!FileManager.default.fileExists(atPath: "/run/hellod.start"), "the note is left")
    }

    private static let aborted = Scenario(
        name: "package: a removal that is taken back leaves running what ran and is enabled",
        summary: "a prerm that fails once it has stopped everything",
        timeout: .seconds(240)
    ) { context in
        let states = try await context.installWithInstances()
        let script = "/var/lib/dpkg/info/hellod.prerm"
        context.afterwards { try await context.shell("sed -i '/^exit 1$/d' \(script)") }
        try await context.shell("echo 'exit 1' >>\(script)")
        let removal = try await context.shell("dpkg --remove hellod", checked: false, timeout: .seconds(60))
        try context.expect(!removal.isSuccess, "it was removed")
        try await context.expectActive(states)
    }
}

extension ScenarioContext {
    /// Installs the package, with metrics, and three instances: one that runs, one that is stopped, and one that runs and is
    /// not enabled.
    /// - Returns: Which units are active once the package was away and is back.
    fileprivate func installWithInstances() async throws -> [String: Bool] {
        try await install(.base)
        try await systemctl("enable", Hello.adminSocket)
        try await systemctl("restart", Hello.service)
        var sockets: [String] = []
        for (index, name) in ["one", "two", "three"].enumerated() {
            sockets.append(try await instance(name, port: 8090 + index).socket)
        }
        try await systemctl("enable", sockets[0], sockets[1])
        try await systemctl("stop", sockets[1])
        try await expectActive([
            Hello.socket: true, Hello.adminSocket: true, sockets[0]: true, sockets[1]: false, sockets[2]: true,
        ])
        return [Hello.socket: true, Hello.adminSocket: true, sockets[0]: true, sockets[1]: false, sockets[2]: false]
    }
}
