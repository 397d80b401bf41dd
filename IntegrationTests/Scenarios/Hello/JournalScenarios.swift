import LoadClient
import SystemdTestKit

/// What the journal knows of the daemon.
enum JournalScenarios {
    static let all = [fields, injection, frozen, stopped]

    private static let fields = Scenario(
        name: "the journal knows requests by their fields and events by their identifiers",
        summary: "journalctl HTTP_STATUS=, MESSAGE_ID=, and the catalogue's text in journalctl -x",
        everyVersion: true
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            _ = try await engine.get(
                Hello.ipv4,
                path: "/?a=1",
                headers: [("X-Request-ID", "mine-1"), ("traceparent", "00-\(trace)-00f067aa0ba902b7-01")],
                within: .seconds(5)
            )
            _ = try await engine.get(Hello.unix, path: "/missing", within: .seconds(5))
            try await context.wait(
                for: "both requests in the journal",
                until: { $0 == 2 },
                observing: { try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.request)"]).count }
            )
            let good = try await context.journal(matching: ["HTTP_STATUS=200"])
            try context.expectEqual(good.count, 1, "entries with HTTP_STATUS=200")
            let entry = good.first?.fields ?? [:]
            let expected = [
                "SYSLOG_IDENTIFIER": "hellod", "PRIORITY": "6", "HTTP_METHOD": "GET", "HTTP_TARGET": "/?a=1",
                "HTTP_ROUTE": "/", "HTTP_RESPONSE_BYTES": "17", "HTTP_REQUEST_ID": "mine-1", "HTTP_LISTENER": "http",
                "TRACE_ID": trace, "_SYSTEMD_UNIT": Hello.service, "_TRANSPORT": "journal",
            ]
            for (field, value) in expected { try context.expectEqual(entry[field], value, field) }
            for field in ["CODE_FILE", "CODE_LINE", "CODE_FUNC", "HTTP_REMOTE", "MESSAGE"] {
                try context.expect(entry[field]?.isEmpty == false, "\(field) is missing")
            }
            let microseconds = Int(entry["HTTP_DURATION_USEC"] ?? "") ?? 0
            try context.expect((1_000_000..<1_500_000).contains(microseconds), "HTTP_DURATION_USEC=\(microseconds)")
            try context.expectEqual(
                try await context.journal(matching: ["HTTP_STATUS=404"]).count,
                1,
                "HTTP_STATUS=404"
            )
        }
        let explained = try await context.command(
            ["journalctl", "--no-pager", "-x", "MESSAGE_ID=\(Hello.Event.ready)", "-n", "1"]
        ).output
        try context.expect(explained.contains("Subject:"), "journalctl -x explains nothing: \(explained)")
    }

    private static let injection = Scenario(
        name: "nothing that a client sends forges a field or an entry, or reaches a terminal raw",
        summary: "newlines, escape sequences and bytes that are no text, in targets and header fields"
    ) { context in
        try await context.systemctl("start", Hello.service)
        let attempts = [
            "GET /%0APRIORITY=0%0AFORGED=1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a\u{1b}[31mred HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\u{1b}]0;title\u{7}\r\n\r\n",
            "GET /?q=%1b%5b2J&FORGED=1 HTTP/1.1\r\nHost: x\r\nX-Request-ID: b=FORGED\r\n\r\n",
            "GET /\nFORGED=1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "FORGED=1\u{0} / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\ntraceparent: 00-FORGED\r\n\r\n",
        ]
        for attempt in attempts {
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                try await connection.send(attempt)
                _ = try await connection.readResponse(within: .seconds(5))
            }
        }
        try await RawConnection.withConnection(to: Hello.ipv4) { connection in
            try await connection.send(
                Array("GET /".utf8) + [0xff, 0xfe, 0x80] + Array(" HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            )
            try context.expectEqual(try await connection.readResponse(within: .seconds(5)).status, 400, "raw bytes")
        }
        try await context.wait(
            for: "an entry for each",
            until: { $0 == attempts.count + 1 },
            observing: {
                try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.request)"]).count
                    + context.journal(matching: ["MESSAGE_ID=\(Hello.Event.requestRejected)"]).count
            }
        )
        let entries = try await context.journal(unit: Hello.service)
        for entry in entries {
            try context.expect(entry["FORGED"] == nil, "a field was forged: \(entry)")
            try context.expect(entry["PRIORITY"] != "0", "a priority was forged: \(entry)")
            for (field, value) in entry.fields {
                let isClean = value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f || $0 == "\n" }
                try context.expect(isClean, "\(field) has control characters: \(value.debugDescription)")
            }
        }
    }

    private static let frozen = Scenario.ofOneProcess(
        name: "a frozen journald holds up no request, and what it misses is counted",
        summary: "SIGSTOP to journald; then more requests than the queue holds",
        timeout: .seconds(120)
    ) { context, _ in
        let total = try await withLoadEngine { engine in
            _ = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
            try await context.systemctl("kill", "--signal=STOP", "systemd-journald.service")
            context.afterwards {
                try await context.systemctl("kill", "--signal=CONT", "systemd-journald.service", checked: false)
            }
            let load = try await engine.keepAliveLoad(Hello.health(Hello.ipv4, "frozen"), connections: 50)
            try await load.waitForAnswers(40_000, within: .seconds(60))
            let report = await load.stop()
            context.keep(report)
            try context.expectClean(report)
            context.measure("latency p99 while journald stands still", report.latency(atPercentile: 99))
            // One that waited for journald would wait to the end: it stands still until all are answered.
            try context.expect(report.slowest < .seconds(1), "the slowest request took \(report.slowest)")
            return report.count(.ok) + 1
        }
        try await context.systemctl("kill", "--signal=CONT", "systemd-journald.service")
        // The queue holds 16,384 records, and the socket's buffer some hundreds.
        try await context.expectAllAccountedFor(total, missing: 10_000)
    }

    private static let stopped = Scenario.ofOneProcess(
        name: "with journald stopped, requests go on; it is told the number it missed when it is back",
        summary: "the service and its sockets",
        timeout: .seconds(120)
    ) { context, _ in
        let units = ["systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald-audit.socket"]
        let total = try await withLoadEngine { engine in
            _ = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
            try await context.command(["systemctl", "stop"] + units + ["systemd-journald.service"])
            context.afterwards { try await context.systemctl("start", "systemd-journald.service", checked: false) }
            let load = try await engine.keepAliveLoad(Hello.health(Hello.ipv4, "stopped"), connections: 20)
            try await load.waitForAnswers(2000, within: .seconds(30))
            let report = await load.stop()
            context.keep(report)
            try context.expectClean(report)
            try context.expect(report.slowest < .seconds(1), "the slowest request took \(report.slowest)")
            return report.count(.ok) + 1
        }
        try await context.command(["systemctl", "start"] + units.prefix(2) + ["systemd-journald.service"])
        // Whatever comes next makes the writer try again.
        try await withLoadEngine { engine in
            _ = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
        }
        try await context.expectAllAccountedFor(total + 1, missing: 1)
    }
}

extension ScenarioContext {
    /// Waits until the entries of requests and the number that is reported missing add up to all requests.
    /// - Parameter least: How many must be missing, or else the journal was never out of reach.
    fileprivate func expectAllAccountedFor(_ total: Int, missing least: Int) async throws {
        let seen = try await wait(
            for: "\(total) requests in the journal, or reported missing",
            within: .seconds(45),
            until: { $0.written + $0.missing >= total },
            observing: {
                let written = try await journal(matching: ["MESSAGE_ID=\(Hello.Event.request)"]).count
                let reports = try await journal(matching: ["MESSAGE_ID=\(Hello.Event.recordsDropped)"])
                return (written: written, missing: reports.reduce(0) { $0 + (Int($1["DROPPED_RECORDS"] ?? "") ?? 0) })
            }
        )
        measure("requests in the journal", seen.written)
        measure("reported missing", seen.missing)
        try expectEqual(seen.written + seen.missing, total, "requests written or reported missing")
        try expect(seen.missing >= least, "\(seen.missing) requests are reported missing, of at least \(least)")
    }
}
