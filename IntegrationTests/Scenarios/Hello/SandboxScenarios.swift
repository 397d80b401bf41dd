import Foundation
import TestMachine

/// What the daemon's sandbox lets it do.
enum SandboxScenarios {
    static let all = [within, score]

    private static let within = Scenario(
        name: "from within the sandbox: no network socket, no write outside its state, no other process seen",
        summary: "a probe runs in the daemon's place, under every directive of hello.service"
    ) { context in
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
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
        let said = try await context.journal(unit: Hello.service).compactMap { $0["MESSAGE"] }
        let findings = said.compactMap { line -> (name: String, value: String)? in
            guard line.hasPrefix("probe: "), let equals = line.firstIndex(of: "=") else { return nil }
            return (String(line.dropFirst(7).prefix(upTo: equals)), String(line[line.index(after: equals)...]))
        }
        let results = Dictionary(findings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let expected = [
            "socket AF_INET": "refused", "socket AF_INET6": "refused", "socket AF_NETLINK": "refused",
            "socket AF_PACKET": "refused", "socket AF_UNIX": "allowed", "other processes": "none",
            "writable directories": "/run/hello /tmp /var/tmp", "signal PID 1": "refused", "new namespace": "refused",
            "writable and executable memory": "refused", "run a file it wrote": "refused", "root": "no",
        ]
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            try context.expectEqual(results[name], value, name)
        }
        for finding in findings { context.note("\(finding.name): \(finding.value)") }
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
