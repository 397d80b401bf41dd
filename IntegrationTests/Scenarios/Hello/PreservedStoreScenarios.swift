import LoadClient
import SystemdTestKit

/// `FileDescriptorStorePreserve=yes` (254), with which the manager keeps what is stored also for a service that is stopped.
enum PreservedStoreScenarios {
    static let all = [stop, handOverWithoutRestart]

    /// The first systemd that knows the directive.
    private static let preserves = 254
    private static let settings = "[Service]\nFileDescriptorStorePreserve=yes\nEnvironment=HELLO_GREETING_DELAY=2s\n"

    private static let stop = Scenario(
        name: "FileDescriptorStorePreserve=yes: a stop finishes what is in work, and leaves nothing for the next start",
        summary: "the same on every systemd, those before 254 ignoring it",
        everyVersion: true
    ) { context in
        try await context.dropIn(Hello.service, "preserve", settings)
        try await context.systemctl("start", Hello.service)
        try await context.expectPreserve()
        try await withLoadEngine { engine in
            try await RawConnection.withConnection(to: Hello.unix, on: engine) { idle in
                try await idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                try context.expectEqual(try await idle.readResponse(within: .seconds(5)).status, 200, "the status")
                async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 50)
                try await context.wait(
                    for: "50 requests in work",
                    until: { $0.hasPrefix("Serving: 50 requests in work, 51 connections") },
                    observing: { try await context.unitProperty(Hello.service, "StatusText") }
                )
                try await context.systemctl("stop", Hello.service)
                let report = try await answers
                context.keep(report)
                try context.expectClean(report)
                try context.expectEqual(report.closeAnnounced, 50, "answers with Connection: close")
                let end = try await idle.waitForEnd(within: .seconds(5))
                try context.expectEqual(end, .endOfFile, "the end of the idle connection")
            }
            try await context.expectEmptyStore()
            try await context.systemctl("start", Hello.service)
            let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
            try context.expectEqual(answer.response.status, 200, "the status after the next start")
        }
        let takenUp = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
        try context.expectEqual(takenUp.count, 0, "entries of connections that were taken up")
    }

    private static let handOverWithoutRestart = Scenario(
        name: "FileDescriptorStorePreserve=yes: after SIGUSR2 alone, connections wait for the next start",
        summary: "each is answered once then, but one whose client has left; before 254 they close with the store"
    ) { context in
        let isPreserved = context.options.systemdVersion >= preserves
        try await context.dropIn(Hello.service, "preserve", settings)
        try await context.systemctl("start", Hello.service)
        try await context.expectPreserve()
        let (waiting, leaving) = (
            try await RawConnection.connect(to: Hello.ipv4), try await RawConnection.connect(to: Hello.ipv4)
        )
        try await waiting.send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: waiting\r\n\r\n")
        try await leaving.send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: leaving\r\n\r\n")
        try await context.wait(
            for: "2 requests in work",
            until: { $0.hasPrefix("Serving: 2 requests in work") },
            observing: { try await context.unitProperty(Hello.service, "StatusText") }
        )
        try await context.systemctl("kill", "--signal=USR2", Hello.service)
        try await context.wait(
            for: "the end of the process",
            until: { $0 == "inactive" },
            observing: { try await context.unitProperty(Hello.service, "ActiveState") }
        )
        await leaving.reset()
        if isPreserved {
            let stored = try await context.unitProperty(Hello.service, "NFileDescriptorStore")
            try context.expectEqual(stored, "1", "descriptors in the store")
            try await context.systemctl("start", Hello.service)
            let answer = try await waiting.readResponse(within: .seconds(5))
            try context.expectEqual(answer.text, Hello.greeting, "the answer")
            try await waiting.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try context.expectEqual(try await waiting.readResponse(within: .seconds(5)).status, 200, "the next status")
        } else {
            try context.expectEqual(try await waiting.waitForEnd(within: .seconds(5)), .endOfFile, "the end")
            try await context.systemctl("start", Hello.service)
        }
        await waiting.close()
        // Nothing is left to be served another time.
        try await context.expectEmptyStore()
        try await context.systemctl("restart", Hello.service)
        let served = try await context.journal(matching: ["HTTP_STATUS=200", "HTTP_TARGET=/"])
        try context.expectEqual(
            served.compactMap { $0["HTTP_REQUEST_ID"] },
            isPreserved ? ["waiting"] : [],
            "greetings that were answered"
        )
    }
}

extension ScenarioContext {
    /// Fails unless the manager keeps the store, or says that it does not know how to.
    fileprivate func expectPreserve() async throws {
        let value = try await unitProperty(Hello.service, "FileDescriptorStorePreserve")
        let isKnown = value == "yes"
        try expectEqual(isKnown, options.systemdVersion >= 254, "whether the directive is known: \(value)")
        guard !isKnown else { return }
        let said = try await journal(matching: ["_PID=1"]).compactMap { $0["MESSAGE"] }
        try expect(
            said.contains { $0.hasSuffix("Unknown key 'FileDescriptorStorePreserve' in section [Service], ignoring.") },
            "systemd does not say that it ignores it: \(said)"
        )
    }
}
