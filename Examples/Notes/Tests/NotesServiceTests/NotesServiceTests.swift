import LoadClient
import SystemdTestKit
import Testing

/// The daemon as it is installed: its own units, on a systemd that boots for each test. Without root they fail, and say so.
@Suite("Notes as a service")
struct NotesServiceTests {
    @Test("the first note starts it, and three restarts under load refuse and lose nobody")
    func restarts() async throws {
        try await withNotes { machine in
            try #require(try await machine.property("ActiveState", of: "notes.service") == "inactive")
            let added = try await machine.command([
                "curl", "--silent", "--fail", "--json", #"{"title":"milk"}"#, "http://127.0.0.1:8080/notes",
            ]).run().successful()
            try #require(added.trimmed == #"{"id":1,"note":{"title":"milk"}}"#)
            try await machine.wait(for: "notes.service", toBe: "active")

            let load = try await withLoadEngine(network: machine.network) { engine in
                let load = try await engine.keepAliveLoad(adding, connections: 20, thinkTime: .milliseconds(50))
                for _ in 0..<3 {
                    try await load.waitForAnswers(100, within: .seconds(20))
                    let process = try await machine.property("MainPID", of: "notes.service")
                    try await machine.restart("notes.service")
                    try #require(try await machine.property("MainPID", of: "notes.service") != process)
                }
                try await load.waitForAnswers(100, within: .seconds(20))
                return await load.stop()
            }
            try #require(load.isClean, "\(load)")
            try await machine.expectNothingLogged(unit: "notes.service")
            try await machine.expectNoCrash()
        }
    }

    @Test("a journal that stands still holds nobody up")
    func frozenJournal() async throws {
        try await withNotes { machine in
            let load = try await withLoadEngine(network: machine.network) { engine in
                let load = try await engine.keepAliveLoad(adding, connections: 20, thinkTime: .milliseconds(50))
                try await load.waitForAnswers(100, within: .seconds(20))
                try await machine.withFrozenJournal { try await load.waitForAnswers(1000, within: .seconds(20)) }
                return await load.stop()
            }
            try #require(load.isClean, "\(load)")
        }
    }

    /// A machine on which the daemon is installed and its sockets listen.
    private func withNotes(_ body: (PrivateMachine) async throws -> Void) async throws {
        let program = "/usr/local/lib/notes/notes"
        try await withMachine(
            label: "notes",
            prepare: { tree in try await tree.install(product: "notes", to: program) }
        ) { machine in
            let script = """
                \(program) units /run/units --program \(program)
                install -D -m 644 -t /run/systemd/system /run/units/*.service /run/units/*.socket
                install -D -m 644 -t /etc/notes /run/units/*.yaml
                """
            try await machine.command(["sh", "-euc", script]).run().successful()
            try await machine.dropIn("notes.service", "room", "[Service]\nEnvironment=NOTES_STORE_MOST=10000\n")
            try await machine.start("notes.socket")
            try await body(machine)
        }
    }

    /// What each client of a load asks for.
    private var adding: RequestPlan {
        var plan = RequestPlan(target: .tcp(host: "127.0.0.1", port: 8080), path: "/notes")
        plan.method = "POST"
        plan.headers = [("Content-Type", "application/json")]
        plan.body = Array(#"{"title":"milk","tags":["shop"]}"#.utf8)
        plan.expectedStatus = 201
        plan.timeout = .seconds(20)
        return plan
    }
}
