import Foundation
import LoadClient
import SystemdTestKit

/// A proxy on the same machine, as `deploy/nginx/hello.conf` says.
enum ProxyScenarios {
    static let all = [nginx]

    private static let nginx = Scenario(
        name: "proxy: behind nginx on the same machine, clients have their own addresses, and a restart loses nothing",
        summary: "deploy/nginx/hello.conf, over the Unix socket; what a client says of itself is not believed",
        timeout: .seconds(90)
    ) { context in
        let site = try context.require(context.options.fleet, "no product to run behind a proxy")
        // There is no nginx in the trees of other Debians.
        if site.root.path != MachineRoot.host.path { context.note("on this host's systemd, not the chosen one") }
        let configuration = try String(contentsOfFile: "\(site.product.root)/deploy/nginx/hello.conf", encoding: .utf8)
        try await MachineNetwork.with { network in
            try await PrivateMachine.with(label: "nginx") { tree in
                try await MachineFiles.write(to: tree)
                try await site.product.install(destination: tree.path)
                try await tree.write(configuration, to: "/etc/nginx/conf.d/hello.conf")
                try await tree.run(["rm", "-f", "/etc/nginx/sites-enabled/default"]).successful()
                try await tree.write(
                    "[Socket]\nSocketGroup=www-data\n",
                    to: "/etc/systemd/system/\(Hello.socket).d/nginx.conf"
                )
                try await tree.write(
                    "proxies:\n  trusted: [unix]\n  header: x-forwarded-for\n",
                    to: Hello.configurationFile
                )
            } body: { machine in
                try await network.join(machine, address: "192.0.2.1/24")
                let place = try await network.place(address: "192.0.2.101/24")
                try await machine.start(Hello.socket)
                try await machine.start("nginx.service")
                do {
                    try await show(context, machine, place)
                } catch {
                    throw FailedWithJournal(error: error, journal: await journal(of: machine))
                }
            }
        }
    }

    private static func show(
        _ context: ScenarioContext,
        _ machine: PrivateMachine,
        _ place: NetworkNamespace
    ) async throws {
        try await withLoadEngine(network: place.path) { engine in
            var plan = Hello.greeting(.tcp(host: "192.0.2.1", port: 80), "through-nginx")
            // A lie, which nginx takes out.
            plan.headers = [("X-Forwarded-For", "203.0.113.9")]
            let load = try await engine.keepAliveLoad(plan, connections: 40)
            for _ in 0..<3 {
                try await load.waitForAnswers(60, within: .seconds(20))
                try await machine.restart(Hello.service)
            }
            try await load.waitForAnswers(60, within: .seconds(20))
            let report = await load.stop()
            context.keep(report)
            try context.expectClean(report)
        }
        let requests = try await machine.journal(["MESSAGE_ID": Hello.Event.request])
        try context.expect(requests.count >= 240, "the journal has \(requests.count) requests")
        // The field names no port.
        try context.expectEqual(Set(requests.map { $0["HTTP_REMOTE"] }), ["192.0.2.101:0"], "clients in the journal")
        try context.expectEqual(Set(requests.map { $0["HTTP_PEER"] }), ["unix"], "proxies in the journal")
    }

    private static func journal(of machine: PrivateMachine) async -> [String] {
        let arguments = ["journalctl", "--quiet", "--no-pager", "--priority=notice", "--lines=60"]
        let said = try? await machine.command(arguments, timeout: .seconds(10)).run().output
        return (said ?? "").split(separator: "\n").map(String.init)
    }
}
