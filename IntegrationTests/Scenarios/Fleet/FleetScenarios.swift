import LoadClient
import SystemdTestKit

/// What an operator does to machines behind a proxy, and what can befall them, under load and without a second attempt.
enum FleetScenarios {
    static let all = [upgrade, leaving, withoutLameDuck, power, powerWithRetries, slow]

    private static let upgrade = Scenario(
        name: "fleet: both machines are upgraded in place, one after the other, and no request is lost",
        summary: "HAProxy does not even notice; both journals have the clients' addresses",
        timeout: .seconds(120)
    ) { context in
        try await Fleet.with(context) { fleet in
            var marks: [(time: Int, label: String)] = []
            let reports = try await FleetLoad.with(fleet, context) { load in
                for member in fleet.members {
                    context.progress("upgrading \(member.name)")
                    marks.append((try await fleet.now(), "upgrade of \(member.name)"))
                    try await member.upgrade()
                    try await load.goOn()
                }
            }
            let log = try await fleet.log()
            fleet.keepPictures(log, context, marks: marks)
            for report in reports { try context.expectClean(report) }
            try context.expect(log.changes.isEmpty, "HAProxy noticed: \(log.changes)")
            try await fleet.expectClients(context)
        }
    }

    private static let leaving = Scenario(
        name: "fleet: a machine is taken out and brought back, and no request is lost",
        summary: "systemctl stop hello.socket with a lame_duck of 5 s, and start again",
        timeout: .seconds(120)
    ) { context in
        try await Fleet.with(context) { fleet in
            let member = fleet.members[0]
            var marks: [(time: Int, label: String)] = []
            let reports = try await FleetLoad.with(fleet, context) { load in
                marks.append((try await fleet.now(), "stop"))
                async let stopped: Void = member.machine.stop(Hello.socket)
                try await fleet.wait(for: member.name, toBe: "DOWN", context)
                try await stopped
                try await load.goOn()
                marks.append((try await fleet.now(), "start"))
                try await member.machine.start(Hello.socket)
                try await fleet.wait(for: member.name, toBe: "UP", context)
                try await load.goOn()
            }
            let log = try await fleet.log()
            fleet.keepPictures(log, context, marks: marks)
            for report in reports { try context.expectClean(report) }
            let seen = log.changes.map { "\($0.server) \($0.isUp)" }
            try context.expectEqual(seen, ["\(member.name) false", "\(member.name) true"], "changes that HAProxy saw")
            let (down, up) = (log.changes[0].time, log.changes[1].time)
            try context.expect(up > down + 1_500_000, "it was out for \(up - down) µs only")
            // What it had in work when it was found to leave is answered by it, and nothing else.
            let out = down + 1_500_000..<up
            let meanwhile = log.requests.filter { $0.server == member.name && out.contains($0.time) }
            try context.expectEqual(meanwhile.count, 0, "requests to the machine that was out")
            try context.expect(
                log.requests.contains { $0.server == member.name && $0.time > up },
                "the machine that was brought back got no request"
            )
            try await fleet.expectClients(context)
        }
    }

    private static let withoutLameDuck = Scenario(
        name: "fleet: without lame_duck, a machine that is taken out costs requests (control)",
        summary: "the same load and the same stop; HAProxy sends to closed listeners until its checks notice",
        timeout: .seconds(120)
    ) { context in
        var settings = Fleet.Settings()
        settings.lameDuck = .zero
        try await Fleet.with(context, settings) { fleet in
            let member = fleet.members[0]
            let reports = try await FleetLoad.with(fleet, context) { load in
                async let stopped: Void = member.machine.stop(Hello.socket)
                try await fleet.wait(for: member.name, toBe: "DOWN", context)
                try await stopped
                try await load.goOn()
            }
            fleet.keepPictures(try await fleet.log(), context)
            let lost = reports.reduce(0) { $0 + $1.failures }
            context.measure("requests lost", lost)
            try context.expect(lost > 0, "nothing was lost, so that the scenario with lame_duck shows nothing")
        }
    }

    private static let slow = Scenario(
        name: "fleet: a slow machine gets less, and all is answered",
        summary: "hello-2 runs for 50 ms and stands still for half a second, again and again",
        timeout: .seconds(120)
    ) { context in
        try await Fleet.with(context) { fleet in
            let member = fleet.members[1]
            let reports = try await FleetLoad.with(fleet, context) { load in
                try await member.stutter()
                for _ in 0..<3 { try await load.goOn() }
            }
            let log = try await fleet.log()
            fleet.keepPictures(log, context)
            for report in reports { try context.expectClean(report) }
            let counts = fleet.members.map { member in
                log.requests.count { $0.server == member.name && $0.total < 1000 }
            }
            context.measure("quick requests to the slow machine", Double(counts[1]) / Double(counts[0] + counts[1]))
            try context.expect(counts[1] > 0, "the slow machine got nothing")
            try context.expect(counts[1] * 2 < counts[0], "the slow machine got \(counts[1]), the other \(counts[0])")
        }
    }
}

extension FleetScenarios {
    private static let power = power(
        "fleet: a machine whose power fails costs a request a client at most, and no new connection once HAProxy notices",
        Fleet.withoutRetries
    )

    private static let powerWithRetries = power(
        "fleet: with the retries of haproxy.cfg, a power failure costs what was in work, and no new connection its request",
        []
    )

    /// The cable is pulled first, so that nobody is told, as it is with power.
    private static func power(_ name: String, _ changes: [(from: String, to: String)]) -> Scenario {
        Scenario(name: name, summary: "no packet comes from it any more", timeout: .seconds(150)) { context in
            var settings = Fleet.Settings()
            settings.proxy = changes
            try await Fleet.with(context, settings) { fleet in
                let member = fleet.members[0]
                var marks: [(time: Int, label: String)] = []
                let reports = try await FleetLoad.with(fleet, context) { load in
                    marks.append((try await fleet.now(), "power failure"))
                    try await member.network.unplug(member.machine)
                    try await member.machine.powerOff()
                    try await fleet.wait(for: member.name, toBe: "DOWN", context)
                    try await load.goOn()
                }
                let log = try await fleet.log()
                fleet.keepPictures(log, context, marks: marks)
                let down = try context.require(log.changes.first?.time, "HAProxy did not notice")
                let noticed = Duration.microseconds(down - marks[0].time)
                context.measure("until HAProxy noticed", noticed)
                context.measure("requests lost", reports.reduce(0) { $0 + $1.failures })
                try context.expect(reports[0].failures > 0, "nothing was lost: the machine had nothing in work")
                for (report, connections) in zip(reports, FleetLoad.keptConnections) {
                    try context.expect(report.failures <= connections, "more than one of each client: \(report)")
                }
                // A dead connection is given up, long before the client's own patience is at its end.
                for report in reports {
                    let waiting = report.count(.timedOut) + report.count(.unfinished)
                    try context.expectEqual(waiting, 0, "requests that nobody has answered: \(report)")
                }
                // Of a request that is not a connection's first, HAProxy closes the connection and logs nothing.
                let given = log.requests.filter {
                    $0.server == member.name && $0.termination != "----" && $0.client == Fleet.clients[1]
                }
                try context.expect(
                    reports[2].failures <= given.count,
                    "the machine had \(given.count) of the requests that fresh connections lost: \(reports[2])"
                )
                let last = (changes.isEmpty ? marks[0].time : down) + 100_000
                let late = given.filter { $0.time - $0.total * 1000 > last }
                try context.expect(late.isEmpty, "it cost requests that came later: \(late)")
            }
        }
    }
}

extension Member {
    /// Has its daemon run for a tenth of the time, until the machine is taken down.
    fileprivate func stutter() async throws {
        let script = "while kill -STOP $1; do sleep 0.5; kill -CONT $1; sleep 0.05; done"
        let pid = try await machine.property("MainPID", of: Hello.service)
        let shell = ["sh", "-c", script, "stutter", pid]
        try await machine.command(["systemd-run", "--quiet", "--"] + shell).run().successful()
    }
}

extension Fleet {
    /// Each machine's journal has both clients as the ones who asked, and HAProxy as the one who passed it on.
    fileprivate func expectClients(_ context: ScenarioContext) async throws {
        for member in members {
            let requests = try await member.requests()
            let place = "in the journal of \(member.name)"
            try context.expectEqual(Set(requests.map(\.client)), Set(Self.clients), "clients \(place)")
            try context.expectEqual(Set(requests.map(\.peer)), [Self.frontend], "proxies \(place)")
        }
    }
}
