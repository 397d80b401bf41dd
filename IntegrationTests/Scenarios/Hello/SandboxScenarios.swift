import Foundation
import SystemdTestKit

/// What the daemon's sandbox lets it do.
enum SandboxScenarios {
    static let all = [within, score]

    private static let within = Scenario(
        name: "from within the sandbox: no network socket, no write outside its state, no other process seen",
        summary: "a probe runs in the daemon's place, under every directive of hello.service",
        timeout: .seconds(180),
        everyVersion: true
    ) { context in
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try await expectProbeFinds(context, program)
        try await context.dropIn(
            Hello.service,
            "probe",
            """
            [Service]
            Type=oneshot
            Restart=no
            WatchdogSec=0
            ExecStart=
            ExecStart=\(program) probe-sandbox
            """
        )
        try await context.systemctl("start", Hello.service)
        let findings = findings(try await context.journal(unit: Hello.service).compactMap { $0["MESSAGE"] })
        let expected = [
            "socket AF_INET": "refused", "socket AF_INET6": "refused", "socket AF_NETLINK": "refused",
            "socket AF_PACKET": "refused", "socket AF_UNIX": "allowed", "other processes": "none",
            "writable directories": "/run/private/hello /tmp /var/tmp",
            "signal PID 1": "refused", "new namespace": "refused",
            "writable and executable memory": "refused", "run a file it wrote": "refused", "root": "no",
        ]
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            try context.expectEqual(findings[name], value, name)
        }
        for (name, value) in findings.sorted(by: { $0.key < $1.key }) { context.note("\(name): \(value)") }
    }

    private static func findings(_ lines: [String]) -> [String: String] {
        let findings = lines.compactMap { line -> (name: String, value: String)? in
            guard line.hasPrefix("probe: "), let equals = line.firstIndex(of: "=") else { return nil }
            return (String(line.dropFirst(7).prefix(upTo: equals)), String(line[line.index(after: equals)...]))
        }
        return Dictionary(findings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The control: where there is no sandbox, the probe succeeds with everything that it reports as refused within one.
    private static func expectProbeFinds(_ context: ScenarioContext, _ program: String) async throws {
        // What is read-only needs no walk; what is left is small.
        let properties = ["ProtectSystem=strict", "ReadWritePaths=/etc"]
        let probe = [program, "probe-sandbox"]
        let said = try await context.systemdRun(probe, properties: properties, timeout: .seconds(100)).output
        let findings = findings(said.split(separator: "\n").map(String.init))
        let expected = [
            "socket AF_INET": "allowed", "socket AF_INET6": "allowed", "socket AF_NETLINK": "allowed",
            "socket AF_PACKET": "allowed", "socket AF_UNIX": "allowed", "signal PID 1": "allowed",
            "new namespace": "allowed", "writable and executable memory": "allowed", "run a file it wrote": "allowed",
            "root": "yes",
        ]
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            try context.expectEqual(findings[name], value, "outside the sandbox, \(name)")
        }
        let writable = findings["writable directories"] ?? ""
        try context.expect(writable.split(separator: " ").contains("/etc"), "outside, it can write to: \(writable)")
        try context.expect(findings["other processes"] != "none", "outside the sandbox it sees no other process")
    }

    private static let score = Scenario(
        name: "systemd-analyze finds nothing wrong with the units, and rates the sandbox 0.2 or less",
        summary: "as installed, and as systemd has loaded them"
    ) { context in
        try await context.systemctl("start", Hello.service)
        let verify = try await context.command(
            ["systemd-analyze", "verify", "--man=no", Hello.service, Hello.socket, "hello-admin.socket"]
        )
        let said = verify.output.split(separator: "\n").filter { $0.contains("hello") }
        try context.expect(said.isEmpty, "systemd-analyze verify says: \(said)")
        let rated = try await context.command(
            ["systemd-analyze", "security", "--no-pager", Hello.service],
            checked: false
        ).output
        let line = try context.require(
            rated.split(separator: "\n").last { $0.contains("Overall") },
            "no rating: \(rated)"
        )
        let score = try context.require(line.split(separator: " ").compactMap { Double($0) }.first, "no score: \(line)")
        context.measure("systemd-analyze security", score)
        try context.expect(score <= 0.2, "the score is \(score)")
    }
}
