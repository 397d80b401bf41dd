import Foundation
import Glibc
import Testing

@testable import SystemdTestKit

/// What keeps a machine and takes it down.
@Suite struct SupervisorTests {
    @Test("Of a machine that has ended no process is killed: its number may be another's")
    func numbers() async throws {
        // Its cgroup cannot be made, so that it ends at once.
        let supervisor = try Supervisor(name: "none", root: .host, cgroups: ["/no/such/directory"])
        let deadline = ContinuousClock.now + .seconds(60)
        while !supervisor.hasEnded {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        async let other = Command(["sh", "-c", "echo $$; sleep 0.3"]) { continuation.yield($1) }.run()
        let line = await lines.first { _ in true }
        supervisor.kill(try #require(line.flatMap { pid_t($0) }))
        #expect(try await other.status == .exited(0))
        await supervisor.stop()
    }
}
