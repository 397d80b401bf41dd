import LoadClient
import SystemdTestKit

/// How the daemon comes up.
enum ActivationScenarios {
    static let all = [firstConnection, systemctlStart, readiness, status]

    private static let firstConnection = Scenario(
        name: "the first connection starts the daemon, over IPv4, IPv6 and a Unix socket",
        summary: "only hello.socket runs; a request is answered as though the daemon had been there",
        everyVersion: true
    ) { context in
        try await withLoadEngine { engine in
            for (name, target) in [("IPv4", Hello.ipv4), ("IPv6", Hello.ipv6), ("Unix", Hello.unix)] {
                var times: [Duration] = []
                for _ in 0..<7 {
                    try await context.systemctl("stop", Hello.service, checked: false)
                    try await context.systemctl("start", Hello.socket)
                    try context.expectEqual(
                        try await context.unitProperty(Hello.service, "ActiveState"),
                        "inactive",
                        "before the connection, \(Hello.service) is"
                    )
                    let answer = try await engine.get(target, path: "/healthz", within: .seconds(10))
                    try context.expectEqual(answer.response.status, 200, "the status over \(name)")
                    times.append(answer.connectTime + answer.timeToFirstByte)
                }
                context.measure("cold start over \(name), connection to first byte, median of 7", times.sorted()[3])
            }
        }
    }

    private static let systemctlStart = Scenario(
        name: "systemctl start hello.service brings up the sockets too",
        summary: "and systemctl returns once the daemon is ready"
    ) { context in
        try await context.systemctl("start", Hello.service)
        for unit in [Hello.service, Hello.socket] {
            try context.expectEqual(try await context.unitProperty(unit, "ActiveState"), "active", unit)
        }
        let ready = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.ready)"], unit: Hello.service)
        try context.expectEqual(ready.count, 1, "entries that say it is ready")
        try await withLoadEngine { engine in
            for target in [Hello.ipv4, Hello.ipv6, Hello.unix] {
                let answer = try await engine.get(target, within: .seconds(5))
                try context.expectEqual(answer.response.text, Hello.greeting, "the greeting over \(target)")
            }
        }
    }

    private static let readiness = Scenario(
        name: "READY=1 comes not before the daemon accepts",
        summary: "a daemon that opens its own socket is asked the moment its start is over; nothing may be refused"
    ) { context in
        let unit = "hello-readiness.service"
        let listen = Target.tcp(host: "127.0.0.1", port: 9090)
        try await context.unit(
            unit,
            "[Service]\nType=notify\nExecStart=/usr/local/bin/hellod serve --listen 127.0.0.1:9090\nWatchdogSec=10s\n"
        )
        try await withLoadEngine { engine in
            for _ in 0..<20 {
                try await context.systemctl("start", unit)
                let answer = try await engine.get(listen, path: "/readyz", within: .seconds(2))
                try context.expectEqual(answer.response.status, 200, "the status")
                try await context.systemctl("stop", unit)
                try context.expectEqual(try await context.unitProperty(unit, "Result"), "success", "the unit's result")
            }
        }
    }

    private static let status = Scenario(
        name: "systemctl status shows live counts",
        summary: "the line that the daemon sends as STATUS="
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "status"), connections: 25)
            try await context.wait(
                for: "25 requests in work in the status line",
                until: { $0.hasPrefix("Serving: 25 requests in work, 25 connections") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            let shown = try await context.systemctl("status", Hello.service).output
            try context.expect(shown.contains("Status: \"Serving:"), "systemctl status shows no such line: \(shown)")
            try context.expectClean(await load.stop())
        }
    }
}
