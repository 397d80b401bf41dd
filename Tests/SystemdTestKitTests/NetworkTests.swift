import LoadClient
import SystemdTestKit
import Testing

/// Machines that are joined by a network of their own.
@Suite struct NetworkTests {
    private static let address = "192.0.2.11"

    @Test("Machines reach each other, a client has its own address, and a pulled cable is a silence until it is back")
    func network() async throws {
        try await MachineNetwork.with { network in
            try await withMachine(label: "server") { server in
                try await withMachine(label: "other") { other in
                    try await network.join(server, address: "\(Self.address)/24")
                    try await network.join(other, address: "192.0.2.12/24")
                    let place = try await network.place(address: "192.0.2.101/24")
                    try await serve(server)
                    #expect(try await ask(other.entry) == "192.0.2.12")
                    #expect(try await ask(place.entry) == "192.0.2.101")

                    try await network.unplug(server)
                    await #expect(throws: CommandError.self) { try await ask(place.entry) }
                    try await network.plugIn(server)
                    #expect(try await ask(place.entry) == "192.0.2.101")
                }
            }
        }
    }

    @Test("A load comes from the place that its threads have entered, and from a machine's own loopback")
    func load() async throws {
        try await MachineNetwork.with { network in
            try await withMachine(label: "server") { server in
                try await network.join(server, address: "\(Self.address)/24")
                // Nobody keeps the place itself.
                let place = try await network.place(address: "192.0.2.102/24").path
                try await serve(server)
                let targets = [(place, Self.address, "192.0.2.102"), (server.network, "127.0.0.1", "127.0.0.1")]
                for (path, host, client) in targets {
                    let plan = RequestPlan(target: .tcp(host: host, port: 8000), expecting: client)
                    let report = try await withLoadEngine(network: path) { engine in
                        let load = try await engine.freshConnectionLoad(plan, concurrency: 2)
                        try await load.waitForAnswers(20, within: .seconds(20))
                        return await load.stop()
                    }
                    try #require(report.isClean, "\(report)")
                }
            }
        }
        await #expect(throws: NetworkUnreachable.self) { try await withLoadEngine(network: "/proc/0/ns/net") { _ in } }
    }

    @Test("A machine whose power fails is gone at once, and what is left of it can be taken down")
    func power() async throws {
        try await withMachine(label: "power") { machine in
            try await machine.powerOff()
            await #expect(throws: CommandError.self) { try await machine.read("/etc/hostname") }
        }
    }

    /// Answers each request with the address that it came from.
    private func serve(_ machine: PrivateMachine) async throws {
        try await machine.write(Self.program, to: "/usr/local/lib/who.py")
        try await machine.unit("who.service", "[Service]\nExecStart=/usr/bin/python3 /usr/local/lib/who.py\n")
        try await machine.start("who.service")
        try await machine.waitForEntry(["MESSAGE": "up"], unit: "who.service")
    }

    @discardableResult
    private func ask(_ entry: [String]) async throws -> String {
        let arguments = ["curl", "--silent", "--show-error", "--max-time", "2", "http://\(Self.address):8000/"]
        return try await Command(entry + arguments).run().successful().trimmed
    }

    private static let program = """
        import http.server
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                body = self.client_address[0].encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("", 8000), Handler)
        print("up", flush=True)
        server.serve_forever()
        """
}
