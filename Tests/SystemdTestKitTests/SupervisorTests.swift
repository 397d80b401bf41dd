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

    @Test("A group that cannot be made leaves none of those before it")
    func halfWay() async throws {
        try await withDirectory { directory in
            let groups = [directory, "/no/such/directory", "/never"]
            let supervisor = try Supervisor(name: "m", root: .host, cgroups: groups)
            await supervisor.stop()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
        }
    }

    @Test("Groups are removed as soon as they can be, and one that cannot be keeps no other")
    func leftovers() async throws {
        try await withDirectory { directory in
            // Directories like others, in which a file keeps a group from being removed.
            let groups = ["never", "later"].map { "\(directory)/\($0)" }
            for group in groups {
                try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: true)
            }
            let supervisor = try Supervisor(name: "m", root: .host, cgroups: groups)
            let busy = groups.map { "\($0)/m/cgroup.procs" }
            let deadline = ContinuousClock.now + .seconds(60)
            while !busy.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) {
                try #require(ContinuousClock.now < deadline, "\(supervisor.console)")
                try await Task.sleep(for: .milliseconds(5))
            }
            async let stopped: Void = supervisor.stop()
            while !supervisor.hasEnded { try await Task.sleep(for: .milliseconds(5)) }
            // Time enough to try once, and too little to give up the first.
            try await Task.sleep(for: .milliseconds(500))
            try FileManager.default.removeItem(atPath: busy[1])
            await stopped
            #expect(FileManager.default.fileExists(atPath: busy[0]))
            #expect(!FileManager.default.fileExists(atPath: "\(groups[1])/m"))
        }
    }
}
