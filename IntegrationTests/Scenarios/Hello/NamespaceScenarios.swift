import LoadClient
import SystemdTestKit

/// The daemon's entries where an operator has them kept apart.
enum NamespaceScenarios {
    static let all = [restart]

    private static let namespace = "hello-scenario"

    private static let restart = Scenario(
        name: "LogNamespace= has all of the daemon's entries in that namespace, with their fields, over a restart",
        summary: "the sandbox hides nothing of what systemd puts at /run/systemd/journal, from neither process",
        everyVersion: true
    ) { context in
        try await context.dropIn(
            Hello.service,
            "namespace",
            "[Service]\nLogNamespace=\(namespace)\nEnvironment=HELLO_GREETING_DELAY=500ms\n"
        )
        context.afterwards {
            try await context.systemctl("stop", Hello.service, Hello.socket, Hello.adminSocket)
            try await context.shell(
                "systemctl stop 'systemd-journald*@\(namespace).*'; rm -rf /var/log/journal/*.\(namespace)",
                checked: false
            )
        }
        try await context.systemctl("start", Hello.adminSocket, Hello.service)
        let pids = try await withLoadEngine { engine in
            let first = try await context.mainPID()
            try await ask(engine, "before")
            async let travelling: Void = ask(engine, "travelling")
            try await context.waitForWork(1)
            _ = try await context.restart()
            try await travelling
            try await ask(engine, "behind")
            let second = try await context.mainPID()
            return ["before": first, "travelling": second, "behind": second]
        }
        for (identifier, pid) in pids {
            try await context.expectRequest(identifier, of: pid, in: namespace, trace: trace)
        }
        let events = [Hello.Event.handedOver: 1, Hello.Event.takenUp: 1, Hello.Event.ready: 2, Hello.Event.stopping: 1]
        for (event, count) in events {
            let entries = try await context.entries(["MESSAGE_ID=\(event)"], in: namespace)
            try context.expectEqual(entries.count, count, "entries of \(event) in the namespace")
        }
        let elsewhere = try await context.journal(matching: ["SYSLOG_IDENTIFIER=hellod"])
        try context.expectEqual(elsewhere.compactMap { $0["MESSAGE"] }, [], "entries in the machine's own journal")
    }

    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    private static func ask(_ engine: LoadEngine, _ identifier: String) async throws {
        let headers = [("X-Request-ID", identifier), ("traceparent", "00-\(trace)-00f067aa0ba902b7-01")]
        _ = try await engine.get(Hello.ipv4, path: "/?a=1", headers: headers, within: .seconds(10))
    }
}

extension ScenarioContext {
    /// Waits for the one entry of a request in a namespace, and fails unless it has its fields.
    fileprivate func expectRequest(
        _ identifier: String,
        of pid: Int,
        in namespace: String,
        trace: String
    ) async throws {
        let entries = try await wait(
            for: "the entry of the request \(identifier) in the namespace",
            until: { !$0.isEmpty },
            observing: { try await self.entries(["HTTP_REQUEST_ID=\(identifier)"], in: namespace) }
        )
        try expectEqual(entries.count, 1, "entries of the request \(identifier)")
        let expected = [
            "MESSAGE_ID": Hello.Event.request, "SYSLOG_IDENTIFIER": "hellod", "PRIORITY": "6", "HTTP_METHOD": "GET",
            "HTTP_TARGET": "/?a=1", "HTTP_ROUTE": "/", "HTTP_STATUS": "200", "HTTP_RESPONSE_BYTES": "17",
            "HTTP_LISTENER": "http", "TRACE_ID": trace, "_PID": "\(pid)", "_SYSTEMD_UNIT": Hello.service,
            "_NAMESPACE": namespace, "_TRANSPORT": "journal",
        ]
        for (field, value) in expected { try expectEqual(entries[0][field], value, "\(field) of \(identifier)") }
        for field in ["CODE_FILE", "CODE_LINE", "CODE_FUNC", "HTTP_REMOTE", "HTTP_DURATION_USEC", "MESSAGE"] {
            try expect(entries[0][field]?.isEmpty == false, "\(field) of \(identifier) is missing")
        }
    }

    /// The entries in a namespace of the journal, the oldest first.
    fileprivate func entries(_ matches: [String], in namespace: String) async throws -> [JournalEntry] {
        let journalctl = ["journalctl", "--namespace=\(namespace)"]
        try await command(journalctl + ["--sync"], checked: false)
        let text = try await command(journalctl + ["--quiet", "--all", "--output=json"] + matches).output
        return text.split(separator: "\n").compactMap { JournalEntry(json: $0) }
    }
}
