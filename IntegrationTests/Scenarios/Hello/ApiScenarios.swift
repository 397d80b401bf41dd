import LoadClient
import SystemdTestKit

/// What of the HTTP API depends on the units: metrics on their own socket, and upstreams out of a sandbox.
enum ApiScenarios {
    static let all = [metrics, upstreams]

    static let admin = "http://127.0.0.1:8081"
    private static let open = "http://127.0.0.1:8080"
    private static let dropIn = "/usr/local/share/doc/hello/drop-ins/upstreams.conf"

    private static let metrics = Scenario(
        name: "metrics are on hello-admin.socket, and on no other",
        summary: "which serves everything else too"
    ) { context in
        try await context.systemctl("start", "hello-admin.socket")
        try await context.systemctl("start", Hello.service)
        try context.expectEqual(try await status(context, "\(open)/metrics"), "404", "metrics on hello.socket")
        try context.expectEqual(try await status(context, "\(admin)/healthz"), "200", "health on hello-admin.socket")
        let text = try await context.command(["curl", "-sS", "--max-time", "10", "\(admin)/metrics"]).output
        try context.expect(
            text.contains("hello_requests_total{route=\"none\",status=\"404\"} 1\n"),
            "the metrics do not count the 404: \(text.prefix(2000))"
        )
    }

    private static let upstreams = Scenario(
        name: "upstreams are out of reach in the sandbox, and within reach with the drop-in upstreams.conf",
        summary: "no restart of the socket, and the rest of the sandbox as it was"
    ) { context in
        try await context.writeFile(
            Hello.configurationFile,
            "aggregate:\n  upstreams:\n    self: \(open)/healthz\n"
        )
        try await context.systemctl("start", Hello.service)
        try context.expectEqual(try await status(context, "\(open)/aggregate"), "502", "/aggregate within the sandbox")
        let text = try context.require(FileText.read(dropIn), "\(dropIn) is not installed")
        try await context.dropIn(Hello.service, "upstreams", text)
        try await context.systemctl("restart", Hello.service)
        let answer = try await context.command(["curl", "-sS", "--max-time", "10", "\(open)/aggregate"]).output
        try context.expect(
            answer.contains("\"body\":{\"status\":\"alive\"}"),
            "/aggregate with the drop-in: \(answer)"
        )
        // The call that the daemon made of itself is in the journal with the trace that began at the first request.
        let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.request)"])
        let called = try context.require(
            entries.last { $0["HTTP_ROUTE"] == "/healthz" && $0["TRACE_ID"] != nil },
            "no call with a trace is in the journal"
        )
        try context.expectEqual(called["TRACE_ID"], called["HTTP_REQUEST_ID"], "the trace that began with the request")
        let properties = try await context.unitProperties(
            Hello.service,
            "DynamicUser",
            "ProtectSystem",
            "NoNewPrivileges"
        )
        try context.expectEqual(
            properties,
            ["DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes"],
            "the rest of the sandbox"
        )
    }

    private static func status(_ context: ScenarioContext, _ url: String) async throws -> String {
        let command = ["curl", "-sS", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_code}", url]
        return try await context.command(command).output
    }
}

extension ScenarioContext {
    /// A metric without labels, as hello-admin.socket shows it.
    func metric(_ name: String) async throws -> Double {
        let text = try await command(["curl", "-sS", "--max-time", "10", "\(ApiScenarios.admin)/metrics"]).output
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return try require(line?.split(separator: " ").last.flatMap { Double($0) }, "no \(name) in: \(text)")
    }
}
