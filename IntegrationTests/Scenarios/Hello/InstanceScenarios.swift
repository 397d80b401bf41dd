import LoadClient
import SystemdTestKit

/// Several daemons on one machine: instances of the templates beside `hello.service`.
enum InstanceScenarios {
    static let all = [own, restart]

    private static let own = Scenario(
        name: "instances beside hello.service have addresses, a user, settings and a directory of their own",
        summary: "two, each with its /etc/hello/INSTANCE.yaml and a port by a drop-in; a reload and a stop of one",
        everyVersion: true
    ) { context in
        let one = try await context.instance("one", port: 8090)
        let two = try await context.instance("two", port: 8092)
        try await context.systemctl("start", Hello.socket)
        try await withLoadEngine { engine in
            for target in [Hello.ipv4, one.target, two.target, one.unix] {
                let answer = try await engine.get(target)
                try context.expectEqual(answer.response.text, Hello.greeting, "the greeting at \(target)")
            }
        }
        var users: Set<String> = []
        for unit in [Hello.service, one.service, two.service] {
            let process = try await context.unitProperty(unit, "MainPID")
            users.insert(try await context.shell("stat --format=%u /proc/\(process)").output)
        }
        try context.expectEqual(users.count, 3, "users of three daemons")

        let shown = try await context.command(["hellod", "check-config", "--unit", two.service]).output
        try context.expect(shown.contains("(/etc/hello/two.yaml:1)"), shown)
        try await context.writeFile("/etc/hello/two.yaml", "greeting: {delay: 2ms}\n")
        try await context.systemctl("reload", two.service)
        for (unit, count) in [(Hello.service, 0), (one.service, 0), (two.service, 1)] {
            let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.reloaded)"], unit: unit)
            try context.expectEqual(entries.count, count, "entries of a reload of \(unit)")
        }

        try await context.systemctl("stop", one.socket)
        let states = try await context.systemctl(
            "is-active",
            one.socket,
            one.service,
            two.socket,
            two.service,
            Hello.socket,
            Hello.service,
            checked: false
        ).output.split(separator: "\n")
        try context.expectEqual(states, ["inactive", "inactive", "active", "active", "active", "active"], "what runs")
    }

    private static let restart = Scenario(
        name: "a restart of one instance under load is noticed by no client, of it or of another",
        summary: "kept connections to two instances and to hello.service, and two restarts of one of them",
        everyVersion: true
    ) { context in
        let one = try await context.instance("one", port: 8090)
        let two = try await context.instance("two", port: 8092)
        let others = [Hello.service, two.service]
        for unit in others + [one.service] { try await context.systemctl("start", unit) }
        let before = try await context.processes(of: others)
        try await withLoadEngine { engine in
            var loads: [SteadyLoad] = []
            for (label, target) in [("hello", Hello.ipv4), ("one", one.target), ("two", two.target)] {
                loads.append(try await engine.keepAliveLoad(Hello.health(target, label), connections: 20))
            }
            for load in loads { try await load.waitForAnswers(100, within: .seconds(10)) }
            for number in 1...2 {
                try await context.systemctl("restart", one.service)
                for load in loads { try await load.waitForAnswers(100 * (number + 1), within: .seconds(10)) }
            }
            for load in loads {
                let report = await load.stop()
                context.keep(report)
                try context.expectClean(report)
                try context.expectUnnoticed(report)
            }
        }
        let taken = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
        let units = Set(taken.map { $0["_SYSTEMD_UNIT"] })
        try context.expectEqual(units, [one.service], "who took connections up")
        try context.expectEqual(taken.count, 2, "entries of a process that took connections up")
        try context.expectEqual(try await context.processes(of: others), before, "the processes of the others")
    }
}

/// One of several daemons.
struct Instance {
    let socket: String
    let service: String
    let target: Target
    let unix: Target
}

extension ScenarioContext {
    /// Makes an instance, as an administrator would, for the time of the scenario, and opens its sockets.
    func instance(_ name: String, port: Int) async throws -> Instance {
        let instance = Instance(
            socket: "hello@\(name).socket",
            service: "hello@\(name).service",
            target: .tcp(host: "127.0.0.1", port: port),
            unix: .unix(path: "/run/hello@\(name).sock")
        )
        try await writeFile("/etc/hello/\(name).yaml", "greeting: {delay: 1ms}\n")
        try await dropIn(instance.socket, "address", "[Socket]\nListenStream=127.0.0.1:\(port)\n")
        afterwards { [self] in
            try await systemctl("stop", instance.service, instance.socket)
            try await systemctl("reset-failed", instance.service, instance.socket, checked: false)
        }
        try await systemctl("start", instance.socket)
        return instance
    }

    /// The main process of each service.
    func processes(of units: [String]) async throws -> [String] {
        var processes: [String] = []
        for unit in units { processes.append(try await unitProperty(unit, "MainPID")) }
        return processes
    }
}
