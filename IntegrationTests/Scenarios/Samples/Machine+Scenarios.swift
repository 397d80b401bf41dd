import Foundation
import SystemdTestKit

/// Scenarios about the machine itself: what all others rely on.
enum MachineScenarios {
    static let all = [ownSystemd, socketActivation, undoing]

    private static let ownSystemd = Scenario(
        name: "the machine runs a systemd of its own, with journald, D-Bus and a network",
        summary: "PID 1, its journal, its bus, and a loopback device with IPv4 and IPv6"
    ) { context in
        let first = try String(contentsOfFile: "/proc/1/comm", encoding: .utf8)
        try context.expectEqual(first, "systemd\n", "PID 1 is")
        for unit in ["systemd-journald.service", "dbus.service"] {
            try context.expectEqual(try await context.unitProperty(unit, "ActiveState"), "active", unit)
        }
        let text = "hello from \(ProcessInfo.processInfo.processIdentifier)"
        try await context.systemdRun(["sh", "-c", "echo '\(text)'"], connectsStreams: false)
        let entries = try await context.journal(matching: ["MESSAGE=\(text)"])
        try context.expectEqual(entries.count, 1, "entries of that text")
        try context.expectEqual(entries.first?["PRIORITY"], "6", "its priority")
        let addresses = try String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)
        try context.expect(addresses.contains("00000000000000000000000000000001"), "there is no ::1")
        context.note(
            try await context.systemctl("--version").output.split(separator: "\n").first.map(String.init) ?? ""
        )
    }

    private static let socketActivation = Scenario(
        name: "a connection starts a socket-activated service",
        summary: "a service behind a Unix socket, of systemd's own making"
    ) { context in
        let path = "/run/integration-sample.sock"
        try await context.unit("integration-sample.socket", "[Socket]\nListenStream=\(path)\nAccept=yes\n")
        try await context.unit(
            "integration-sample@.service",
            "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n"
        )
        try await context.systemctl("start", "integration-sample.socket")
        let program = """
            import socket
            s = socket.socket(socket.AF_UNIX); s.connect('\(path)'); s.sendall(b'ping'); s.shutdown(1)
            print(s.recv(10).decode())
            """
        guard (try? await context.command(["python3", "--version"])) != nil else {
            throw Skipped("python3, which makes the connection, is not installed")
        }
        let clock = ContinuousClock()
        let started = clock.now
        try context.expectEqual(try await context.command(["python3", "-c", program]).trimmed, "ping", "the answer")
        context.measure("from connection to answer", clock.now - started)
        try await context.wait(
            for: "the connection to be counted",
            until: { $0 == "1" },
            observing: { try await context.unitProperty("integration-sample.socket", "NAccepted") }
        )
    }

    private static let undoing = Scenario(
        name: "drop-ins and files of a scenario are in force, and bytes in the journal survive",
        summary: "what the framework promises to the scenarios"
    ) { context in
        try await context.unit("integration-sample.service", "[Service]\nExecStart=/bin/sleep 60\n")
        try await context.dropIn("integration-sample.service", "limit", "[Service]\nLimitNOFILE=77\n")
        try await context.systemctl("start", "integration-sample.service")
        try context.expectEqual(
            try await context.unitProperty("integration-sample.service", "LimitNOFILE"),
            "77",
            "the drop-in's limit"
        )
        try await context.writeFile("/run/integration-sample/file", "content")
        try context.expectEqual(
            try await context.command(["cat", "/run/integration-sample/file"]).output,
            "content",
            ""
        )
        try await context.systemdRun(
            ["sh", "-c", #"printf 'bell\007\n'"#],
            properties: ["SyslogIdentifier=integration-sample"],
            connectsStreams: false
        )
        let entries = try await context.journal(matching: ["SYSLOG_IDENTIFIER=integration-sample"])
        try context.expectEqual(entries.compactMap { $0["MESSAGE"] }, ["bell\u{7}"], "messages")
    }
}
