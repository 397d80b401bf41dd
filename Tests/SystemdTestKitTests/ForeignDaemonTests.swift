import Foundation
import LoadClient
import SystemdTestKit
import Testing

/// The kit with daemons that know nothing of it: what a restart under load costs their clients, as it is.
@Suite struct ForeignDaemonTests {
    @Test("systemd-journal-gatewayd, socket-activated, is restarted under load, and no connection is refused")
    func gatewayd() async throws {
        try await withMachine(label: "gatewayd") { machine in
            try await machine.dropIn(
                "systemd-journal-gatewayd.socket",
                "unix",
                "[Socket]\nListenStream=\nListenStream=/run/gatewayd.sock\n"
            )
            try await machine.start("systemd-journal-gatewayd.socket")
            let load = try await restartUnderLoad(machine, "systemd-journal-gatewayd", "/run/gatewayd.sock", "/machine")
            try #require(load.count(.ok) > 100)
            try #require(load.count(.refused) == 0)
        }
    }

    @Test("A few lines of Python lose what they have in work, and the kit counts each")
    func python() async throws {
        try await withMachine(label: "python") { machine in
            try await machine.write(Self.program, to: "/usr/local/lib/few-lines.py")
            try await machine.unit("few-lines.socket", "[Socket]\nListenStream=/run/few-lines.sock\n")
            try await machine.unit(
                "few-lines.service",
                "[Service]\nExecStart=/usr/bin/python3 /usr/local/lib/few-lines.py\n"
            )
            try await machine.start("few-lines.socket")
            let load = try await restartUnderLoad(machine, "few-lines", "/run/few-lines.sock", "/")
            try #require(load.count(.refused) == 0)
            let lost = load.count(.closed) + load.count(.reset)
            try #require(lost > 0)
            try #require(load.count(.ok) + lost == load.attempted)

            try await machine.kill("few-lines.service", signal: "KILL")
            try await machine.wait(for: "few-lines.service", toBe: "failed")
            try await machine.waitForEntry(["MESSAGE": "up"], unit: "few-lines.service")
        }
    }

    @Test("Two machines run at once, and neither sees the other's files")
    func two() async throws {
        try await withMachine(label: "first") { first in
            try await withMachine(label: "second") { second in
                try #require(first.name != second.name)
                try await first.write("first", to: "/run/which")
                try #require(try await first.read("/run/which") == "first")
                await #expect(throws: CommandError.self) { try await second.read("/run/which") }
            }
        }
    }

    @Test("What fails leaves the machine's journal and its units' states")
    func evidence() async throws {
        let directory = NSTemporaryDirectory() + "systemd-test-kit-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(throws: WaitedInVain.self) {
            try await withMachine(label: "fails", evidence: directory) { machine in
                _ = try await machine.run(["echo", "seen in the journal"], connectsStreams: false)
                try await machine.wait(for: "no-such.service", toBe: "active", within: .milliseconds(100))
            }
        }
        let journal = try String(contentsOfFile: "\(directory)/journal.txt", encoding: .utf8)
        #expect(journal.contains("seen in the journal"))
        let units = try String(contentsOfFile: "\(directory)/units.txt", encoding: .utf8)
        #expect(units.contains("systemd-journald.service"))
    }

    @Test("What was cancelled, as by a time limit, leaves them, too")
    func evidenceOfCancelled() async throws {
        let directory = NSTemporaryDirectory() + "systemd-test-kit-\(UInt32.random(in: 0...UInt32.max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let test = Task {
            try await withMachine(label: "hangs", evidence: directory) { machine in
                _ = try await machine.run(["echo", "seen in the journal"], connectsStreams: false)
                begin.yield()
                try await Task.sleep(for: .seconds(600))
            }
        }
        _ = await begun.first { _ in true }
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        let journal = try String(contentsOfFile: "\(directory)/journal.txt", encoding: .utf8)
        #expect(journal.contains("seen in the journal"))
    }

    /// Restarts a service three times while twenty clients ask one thing after the other.
    private func restartUnderLoad(
        _ machine: PrivateMachine,
        _ name: String,
        _ socket: String,
        _ path: String
    ) async throws -> LoadReport {
        // A Unix socket is reached through the machine's root, whatever network this process is in.
        let plan = RequestPlan(target: .unix(path: machine.root + socket), path: path)
        return try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(plan, connections: 20)
            try await load.waitForAnswers(100, within: .seconds(20))
            for _ in 0..<3 {
                let before = try await machine.property("MainPID", of: "\(name).service")
                try await machine.restart("\(name).service")
                try await load.waitForAnswers(100, within: .seconds(20))
                try #require(try await machine.property("MainPID", of: "\(name).service") != before)
            }
            let report = await load.stop()
            print("\(name): \(report.summary)")
            return report
        }
    }

    private static let program = """
        import http.server, socket, time
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                time.sleep(0.05)
                self.send_response(200)
                self.send_header("Content-Length", "3")
                self.end_headers()
                self.wfile.write(b"hi\\n")
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
        server.socket = socket.socket(fileno=3)
        print("up", flush=True)
        server.serve_forever()
        """
}
