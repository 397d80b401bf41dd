import Foundation
import SystemdTestKit

/// Two machines with hello behind one with HAProxy, and two clients, joined by a network of their own.
///
/// Addresses are those of `deploy/haproxy/haproxy.cfg`, which HAProxy runs as it is shipped but for `maxconn` and what a scenario names.
struct Fleet: Sendable {
    /// Where the machines' files come from.
    struct Site: Sendable {
        /// What the machines of hello boot. HAProxy's always boots this host's.
        let root: MachineRoot
        let product: Product
    }

    /// What differs between scenarios.
    struct Settings: Sendable {
        /// For how long a machine that is to stop goes on.
        var lameDuck: Duration = .seconds(5)
        /// Changes to HAProxy's configuration: what stands there, and what is to.
        var proxy: [(from: String, to: String)] = Fleet.withoutRetries
    }

    /// A request that fails is not tried again, so that each loss is seen.
    static let withoutRetries = [(from: "    retries 2\n", to: "    retries 0\n"), ("    option redispatch 1\n", "")]

    static let frontend: Substring = "192.0.2.1"

    let balancer: PrivateMachine
    let members: [Member]
    /// Where clients connect from that keep their connections, and those that do not.
    let kept: NetworkNamespace
    let fresh: NetworkNamespace

    /// The addresses of both.
    static let clients: [Substring] = ["192.0.2.101", "192.0.2.102"]

    /// Boots the fleet, runs `body`, and takes it down. When `body` throws, the error has what the journals say.
    static func with(
        _ context: ScenarioContext,
        _ settings: Settings = Settings(),
        _ body: (Fleet) async throws -> Void
    ) async throws {
        let site = try context.require(context.options.fleet, "no product to run on several machines")
        try await MachineNetwork.with { network in
            try await Member.with("hello-1", site, settings) { first in
                try await Member.with("hello-2", site, settings) { second in
                    try await withBalancer(site, settings) { balancer in
                        try await network.join(first, address: "192.0.2.11/24")
                        try await network.join(second, address: "192.0.2.12/24")
                        try await network.join(balancer, address: "\(frontend)/24")
                        let fleet = Fleet(
                            balancer: balancer,
                            members: [
                                Member(name: "hello-1", machine: first, network: network),
                                Member(name: "hello-2", machine: second, network: network),
                            ],
                            kept: try await network.place(address: "\(clients[0])/24"),
                            fresh: try await network.place(address: "\(clients[1])/24")
                        )
                        do {
                            for member in fleet.members { try await member.machine.start(Hello.socket) }
                            try await balancer.start("haproxy.service")
                            try await body(fleet)
                        } catch {
                            throw FailedWithJournal(error: error, journal: await Task { await fleet.journals() }.value)
                        }
                    }
                }
            }
        }
    }

    private static func withBalancer(
        _ site: Site,
        _ settings: Settings,
        _ body: (PrivateMachine) async throws -> Void
    ) async throws {
        var text = try String(contentsOfFile: "\(site.product.root)/deploy/haproxy/haproxy.cfg", encoding: .utf8)
        // As many connections as descriptors are allowed everywhere.
        for change in settings.proxy + [("    maxconn 20000\n", "    maxconn 4000\n")] {
            guard text.contains(change.from) else {
                throw ExpectationFailed(description: "deploy/haproxy/haproxy.cfg has no line '\(change.from)'")
            }
            text = text.replacing(change.from, with: change.to)
        }
        try await PrivateMachine.with(label: "balancer") { tree in
            try await MachineFiles.write(to: tree)
            try await tree.write(text, to: "/etc/haproxy/haproxy.cfg")
            try await tree.run(["mkdir", "-p", "/var/lib/haproxy/dev"]).successful()
        } body: {
            try await body($0)
        }
    }

    /// What the machines that still run have logged last, requests left out.
    private func journals() async -> [String] {
        var lines: [String] = []
        for machine in [balancer] + members.map(\.machine) {
            let arguments = ["journalctl", "--quiet", "--no-pager", "--priority=notice", "--lines=40"]
            let said = try? await machine.command(arguments, timeout: .seconds(10)).run().output
            lines += ["\(machine.name):"] + (said ?? "it does not answer").split(separator: "\n").map { "  \($0)" }
        }
        return lines
    }
}

/// One of the machines behind HAProxy.
struct Member: Sendable {
    /// As HAProxy knows it.
    let name: String
    let machine: PrivateMachine
    let network: MachineNetwork

    /// Boots a machine on which hello is installed as docs/scaling.md says.
    fileprivate static func with(
        _ name: String,
        _ site: Fleet.Site,
        _ settings: Fleet.Settings,
        _ body: (PrivateMachine) async throws -> Void
    ) async throws {
        try await PrivateMachine.with(label: name, root: site.root) { tree in
            try await MachineFiles.write(to: tree)
            try await site.product.install(destination: tree.path)
            try await tree.install(
                "\(site.product.root)/deploy/drop-ins/behind-a-proxy.conf",
                to: "/etc/systemd/system/\(Hello.socket).d/behind-a-proxy.conf",
                mode: "0644"
            )
            let seconds = settings.lameDuck.components.seconds
            try await tree.write(
                "proxies:\n  trusted: [\(Fleet.frontend)]\nlame_duck: \(seconds)s\n",
                to: Hello.configurationFile
            )
        } body: {
            try await body($0)
        }
    }

    /// Replaces the program by renaming, and restarts the service: an upgrade in place.
    func upgrade() async throws {
        let program = "/usr/local/bin/hellod"
        let before = try await machine.property("MainPID", of: Hello.service)
        try await machine.command(["sh", "-c", "cp \(program) \(program).new && mv \(program).new \(program)"]).run()
            .successful()
        try await machine.restart(Hello.service)
        guard try await machine.property("MainPID", of: Hello.service) != before else {
            throw ExpectationFailed(description: "\(name) has the same process after its restart")
        }
    }

    /// The requests that its journal has, of those that were passed on: whose they were, and who did it, without ports.
    func requests() async throws -> [(client: Substring, peer: Substring)] {
        try await machine.journal(["MESSAGE_ID": Hello.Event.request]).compactMap { entry in
            guard let client = entry["HTTP_REMOTE"], let peer = entry["HTTP_PEER"] else { return nil }
            return (client.prefix { $0 != ":" }, peer.prefix { $0 != ":" })
        }
    }
}
