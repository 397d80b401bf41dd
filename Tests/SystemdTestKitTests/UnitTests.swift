import LoadClient
import SystemdTestKit
import Testing

/// What whoever writes a test is told, and may leave out.
@Suite struct UnitTests {
    @Test("A unit that does not start is told with its own last words, and by the name of its machine")
    func lastWords() async throws {
        try await withMachine(label: "mute") { machine in
            let program = "/bin/sh -c \"echo 'no socket'; exit 3\""
            try await machine.unit("fails.service", "[Service]\nType=notify\nExecStart=\(program)\n")
            for change in [machine.start, machine.restart] {
                let error = await #expect(throws: CommandError.self) { try await change("fails.service") }
                let said = try #require(error?.description)
                #expect(said.hasPrefix("'systemctl "), "\(said)")
                #expect(said.contains(" -- fails.service (in \(machine.name))' exited with status 1"), "\(said)")
                #expect(said.contains("no socket"), "\(said)")
            }
        }
    }

    @Test("A name without a suffix is a service's: of a unit, and of its drop-in")
    func suffix() async throws {
        try await withMachine(label: "short") { machine in
            try await machine.unit("idle", "[Service]\nExecStart=/bin/sleep 600\n")
            try await machine.dropIn("idle", "name", "[Unit]\nDescription=of the drop-in\n")
            try await machine.start("idle")
            try #require(try await machine.property("Description", of: "idle.service") == "of the drop-in")
        }
    }

    @Test("A machine has its own name, which its journal bears")
    func name() async throws {
        try await withMachine(label: "named") { machine in
            try #require(try await machine.command(["hostname"]).run().trimmed == machine.name)
            let entry = try #require(try await machine.journal(["_PID": "1"]).last)
            try #require(entry["_HOSTNAME"] == machine.name)
        }
    }

    @Test("A directory that is not there cannot be full, and whoever is refused is told where he asked")
    func advice() async throws {
        try await withMachine(label: "advises") { machine in
            let error = await #expect(throws: FaultError.self) {
                try await machine.withFullDisk(at: "/var/lib/none") {}
            }
            #expect(error?.description.contains("/var/lib/none in \(machine.name)") == true, "\(error as Any)")
        }
        let plan = RequestPlan(target: .tcp(host: "127.0.0.1", port: 9))
        let error = await #expect(throws: RawConnectionError.self) { try await RawConnection.connect(to: plan.target) }
        #expect(error.map { "\($0)".contains("withLoadEngine(network:)") } == true, "\(error as Any)")
    }
}
