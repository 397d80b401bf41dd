import Foundation
import Glibc
import Testing

@testable import SystemdTestKit

/// What a process that cannot be started leaves behind.
@Suite struct DescriptorTests {
    /// More than a system's limit for one argument (MAX_ARG_STRLEN): no program can be started with it.
    private static let tooLong = String(repeating: "x", count: 200_000)

    @Test("A command that cannot be started leaves no descriptor open")
    func commands() async throws {
        try await leavesNoneOpen {
            await #expect(throws: CommandError.self) { try await Command(["no-such-program-here"]).run() }
            await #expect(throws: CommandError.self) {
                try await Command(["cat"], input: .file("/no/such/file")).run()
            }
        }
    }

    @Test("A machine's janitor and a lifeline that cannot be started leave no descriptor open")
    func guardians() async throws {
        try await leavesNoneOpen {
            #expect(throws: MachineError.self) { try Supervisor(name: Self.tooLong, root: .host, cgroups: []) }
            #expect(throws: CommandError.self) { try Lifeline(script: Self.tooLong) }
        }
    }

    @Test("A lifeline that is ended twice closes nothing that is not its own")
    func twice() async throws {
        let lifeline = try Lifeline(script: ":")
        await lifeline.end()
        // One of them, or of another test, has its number by now.
        let others = try (0..<50).map { _ in
            let descriptor = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
            try #require(descriptor >= 0)
            return descriptor
        }
        await lifeline.end()
        for descriptor in others { #expect(close(descriptor) == 0) }
    }

    /// Other tests have pipes of theirs open meanwhile, which are far fewer than so many failures would leave.
    private func leavesNoneOpen(_ failure: () async throws -> Void) async throws {
        let before = try Self.pipes()
        for _ in 0..<250 { try await failure() }
        #expect(try Self.pipes() < before + 500)
    }

    /// How many ends of pipes this process has open: sockets, of which a load has any number, are none.
    private static func pipes() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?.hasPrefix("pipe:")
                == true
        }
    }
}
