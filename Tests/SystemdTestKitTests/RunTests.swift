import SystemdTestKit
import Testing

/// Commands that run as units.
@Suite(.serialized) struct RunTests {
    /// Says something all the time, and does not end when asked.
    private static let chatty = ["sh", "-c", "trap '' TERM; while :; do echo more; done"]

    @Test("A unit whose time is up is gone, whatever it says, and its name is free")
    func timedOut() async throws {
        try await withMachine(label: "runs") { machine in
            let result = try await machine.run(
                Self.chatty,
                unit: "chatty.service",
                properties: ["Restart=always"],
                timeout: .seconds(2)
            )
            #expect(result.status == .timedOut(.seconds(2)))
            try #require(try await machine.property("ActiveState", of: "chatty.service") == "inactive")
            try await machine.run(["true"], unit: "chatty.service").successful()
        }
    }

    @Test("A unit whose task is cancelled is gone, whether it has a name or not")
    func cancelled() async throws {
        try await withMachine(label: "runs") { machine in
            for unit in ["chatty.service", nil] {
                let (lines, continuation) = AsyncStream.makeStream(of: String.self)
                let task = Task {
                    try await machine.run(Self.chatty, unit: unit, timeout: nil) { continuation.yield($1) }
                }
                _ = await lines.first { _ in true }
                continuation.finish()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let shells = try await machine.command(["pgrep", "--full", "echo [m]ore"]).run()
                try #require(shells.output == "")
            }
        }
    }

    @Test("A unit that is to take something back has the time that its properties give it")
    func takesBack() async throws {
        try await withMachine(label: "runs") { machine in
            let script = """
                trap 'sleep 7; echo taken back >/run/said; exit' TERM
                echo begun
                while :; do sleep 0.1; done
                """
            let (lines, continuation) = AsyncStream.makeStream(of: String.self)
            let task = Task {
                try await machine.run(["sh", "-c", script], properties: ["TimeoutStopSec=40s"], timeout: nil) {
                    continuation.yield($1)
                }
            }
            _ = await lines.first { _ in true }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try #require(try await machine.read("/run/said") == "taken back\n")
        }
    }
}
