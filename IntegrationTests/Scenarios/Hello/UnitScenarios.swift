import Foundation
import LoadClient
import SystemdTestKit

/// The units with what an operator adds to them, or does to them.
enum UnitScenarios {
    static let all = [
        socketRestarts, runtimeDirectory, adminStops, adminStopsToo, listenChanged, installedElsewhere,
        scrapedFromElsewhere,
    ]

    private static let admin = "hello-admin.socket"

    private static let socketRestarts = Scenario(
        name: "a socket unit that is restarted again and again never hits a limit",
        summary: "twelve restarts in a row of each socket unit, and it still listens"
    ) { context in
        for unit in [Hello.socket, admin] {
            try await context.systemctl("start", unit)
            for _ in 0..<12 { try await context.systemctl("restart", unit) }
            try context.expectEqual(try await context.unitProperty(unit, "ActiveState"), "active", unit)
        }
        try await answers(context)
    }

    private static let runtimeDirectory = Scenario(
        name: "RuntimeDirectoryPreserve= with any value starts, reloads and restarts",
        summary: "the sandbox leaves the runtime directory to systemd"
    ) { context in
        for value in ["yes", "restart", "no"] {
            try await context.dropIn(Hello.service, "preserve", "[Service]\nRuntimeDirectoryPreserve=\(value)\n")
            try await context.systemctl("start", Hello.service)
            try await context.systemctl("reload", Hello.service)
            try await answers(context)
            try await context.systemctl("restart", Hello.service)
            try await context.systemctl("reload", Hello.service)
            try await answers(context)
            try await context.systemctl("stop", Hello.service, Hello.socket)
            // systemd 252 leaves a link that leads nowhere, and does not start with `no` where there is one.
            try await context.shell("rm -rf /run/hello /run/private/hello")
        }
    }

    private static let adminStops = Scenario(
        name: "a stop of hello-admin.socket ends its serving, and leaves the others'",
        summary: "8081 refuses connections at once and stays so; 8080 is served"
    ) { context in
        try await context.systemctl("start", admin)
        try await context.systemctl("start", Hello.service)
        let metrics = ["curl", "--silent", "--max-time", "5", "http://127.0.0.1:8081/metrics"]
        try await context.command(metrics)
        // A restart of it restarts the daemon, which has it again.
        try await context.systemctl("restart", admin)
        try await context.wait(for: "the admin listener again") {
            try await context.command(metrics, checked: false).isSuccess
        }
        try await context.systemctl("stop", admin)
        // curl's status for a connection that is refused.
        try context.expectEqual(try await context.command(metrics, checked: false).status, .exited(7), "curl's status")
        try await answers(context)
        try context.expectEqual(try await context.command(metrics, checked: false).status, .exited(7), "curl's status")
        try context.expectEqual(try await context.unitProperty(Hello.socket, "ActiveState"), "active", Hello.socket)
    }

    private static let adminStopsToo = Scenario(
        name: "a stop of hello.socket takes hello-admin.socket with it, and a start brings it back",
        summary: "a scrape of a machine that was taken out does not put it in again, nor does a boot"
    ) { context in
        let metrics = ["curl", "--silent", "--max-time", "5", "http://127.0.0.1:8081/metrics"]
        context.afterwards { try await context.systemctl("disable", "--now", admin, checked: false) }
        try await context.systemctl("start", Hello.socket)
        try await answers(context)
        try await context.systemctl("enable", admin)
        try await context.systemctl("restart", Hello.service)
        try await context.command(metrics)
        for stop in [["stop", Hello.socket], ["disable", "--now", Hello.socket, Hello.service]] {
            try await context.command(["systemctl"] + stop)
            try context.expectEqual(
                try await context.command(metrics, checked: false).status,
                .exited(7),
                "curl's status after \(stop)"
            )
            // What a boot starts.
            if stop.count > 2 { try await context.systemctl("start", "sockets.target") }
            for unit in [Hello.socket, Hello.service, admin] {
                try context.expectEqual(try await context.unitProperty(unit, "ActiveState"), "inactive", unit)
            }
            try await context.systemctl("start", Hello.socket)
            try await context.command(metrics)
        }
    }

    private static let listenChanged = Scenario(
        name: "where ListenStream= was changed, the daemon says to restart the socket unit, and that helps",
        summary: "systemd passes no socket until then"
    ) { context in
        try await context.systemctl("start", Hello.socket)
        try await context.dropIn(
            Hello.socket,
            "listen",
            "[Socket]\nListenStream=\nListenStream=127.0.0.1:890\n"
        )
        try await context.systemctl("start", "--no-block", Hello.service)
        try await context.wait(for: "a failure that names the cause") {
            try await context.journal(unit: Hello.service).contains {
                $0["MESSAGE"]?.contains("the service manager passed no socket") == true
                    && $0["MESSAGE"]?.contains("systemctl restart hello.socket") == true
            }
        }
        try await context.systemctl("stop", Hello.service, checked: false)
        try await context.systemctl("restart", Hello.socket)
        try await context.command(["curl", "--silent", "--fail", "--max-time", "10", "http://127.0.0.1:890/healthz"])
        try await context.systemctl("stop", Hello.service, Hello.socket)
    }

    private static let installedElsewhere = Scenario(
        name: "installed under /opt, the hint that make install gives works, and uninstall leaves nothing",
        summary: "systemd is told of units in a place where it does not look"
    ) { context in
        let scripts = "\(Product.installer)/scripts"
        let variables = "DESTDIR= PREFIX=/opt/hello SYSCONFDIR=/opt/hello/etc HELLOD=/usr/local/bin/hellod"
        // The ordinary installation is out of the way for so long.
        try await context.shell(
            "mkdir /run/aside && mv /usr/local/lib/systemd/system/hello* /run/aside/ && systemctl daemon-reload"
        )
        context.afterwards {
            try await context.shell(
                "mv /run/aside/* /usr/local/lib/systemd/system/ && rmdir /run/aside && systemctl daemon-reload"
            )
        }
        // What earlier scenarios have left: systemd 252 leaves the link to a runtime directory, and lets go of a socket
        // whose address was changed.
        try await context.shell("rm -rf /run/hello /run/hello.sock")
        let places = "{ find /opt/hello /etc/systemd; find /run -maxdepth 1 -name 'hello*'; } 2>/dev/null | sort"
        let before = try await context.shell(places).output
        let said = try await context.shell("\(variables) \(scripts)/install", timeout: .seconds(60)).output
        let hint = try context.require(
            said.firstMatch(of: /Start it with: (.*)/).map { String($0.1) },
            "install gives no hint: \(said)"
        )
        try await context.shell(hint)
        try await answers(context)
        let again = try await context.shell("\(variables) \(scripts)/install", timeout: .seconds(60)).output
        try context.expect(again.contains("systemctl restart hello.service\n"), "an upgrade says: \(again)")
        // An instance runs on, too.
        try await context.shell("echo '{}' >/opt/hello/etc/hello/two.yaml && systemctl start hello@two.service")
        let third = try await context.shell("\(variables) \(scripts)/install", timeout: .seconds(60)).output
        try context.expect(third.contains("systemctl restart hello.service 'hello@*.service'\n"), "it says: \(third)")
        try await context.shell("rm /opt/hello/etc/hello/two.yaml")
        try await context.shell("\(variables) \(scripts)/uninstall", timeout: .seconds(60))
        let after = try await context.shell(places).output
        try context.expectEqual(after, before, "what is there")
        try context.expectEqual(try await context.unitProperty(Hello.socket, "LoadState"), "not-found", Hello.socket)
    }

    private static let scrapedFromElsewhere = Scenario(
        name: "admin-address.conf, installed as its head says, opens the metrics to the addresses that it names",
        summary: "whether hello-admin.socket was on before or not, no client notices"
    ) { context in
        let directory = "/usr/local/share/doc/hello/drop-ins"
        let dropIns = "/etc/systemd/system/\(admin).d"
        let text = try context.require(FileText.read("\(directory)/admin-address.conf"), "it is not installed")
        let commands = text.split(separator: "\n").filter { $0.hasPrefix("#     ") }.map { String($0.dropFirst(6)) }
        context.afterwards {
            try await context.systemctl("disable", "--now", admin)
            try await context.shell("rm -r \(dropIns) && systemctl daemon-reload")
        }
        // Another address of this machine.
        let metrics = ["curl", "--silent", "--fail", "--max-time", "5", "http://127.0.0.2:8081/metrics"]
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 30)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.unix, "fresh"), concurrency: 3)
            try await kept.waitForAnswers(30, within: .seconds(10))
            for isOn in [false, true] {
                let isOpen = try await context.command(metrics, checked: false).isSuccess
                try context.expect(!isOpen, "it is open before")
                try await context.shell("cd \(directory)\nset -e\n" + commands.joined(separator: "\n"))
                try await context.command(metrics)
                if isOn { break }
                // On, and on loopback alone.
                try await context.shell("rm -r \(dropIns) && systemctl daemon-reload && systemctl restart \(admin)")
            }
            try await kept.waitForAnswers(30, within: .seconds(10))
            try await context.expectNothingNoticed(kept, fresh)
        }
        let allowed = try await context.unitProperty(admin, "IPAddressAllow")
        try context.expect(
            allowed.contains("192.0.2.10/32") && allowed.contains("127.0.0.0/8"),
            "it lets in \(allowed)"
        )
        let denied = try await context.unitProperty(admin, "IPAddressDeny")
        try context.expect(denied.contains("0.0.0.0/0") && denied.contains("::/0"), "it keeps out \(denied)")
    }

    private static func answers(_ context: ScenarioContext) async throws {
        try await context.command(["curl", "--silent", "--fail", "--max-time", "10", "http://127.0.0.1:8080/healthz"])
    }
}
