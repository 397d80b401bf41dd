import BenchmarkResults
import Foundation
import SystemdTestKit

/// Which processors the server and the client run on.
struct Cores: Sendable {
    struct TooFew: Error, CustomStringConvertible {
        let description = "one core for the server and one for the client are needed"
    }

    /// Those that this process may use.
    let all: [Int]

    /// The server's.
    var server: Int { all[0] }
    /// The client's.
    var client: Int { all[1] }
    /// What is left for a client beside a server with two event loops; all, where that is nothing.
    var besideTwo: [Int] { all.count > 2 ? Array(all.dropFirst(2)) : all }

    static func current() throws -> Cores {
        let all = ProcessFiles.allowedProcessors(status: FileText.read("/proc/self/status"))
        guard all.count >= 2 else { throw TooFew() }
        return Cores(all: all)
    }

    /// Runs a body with this process, its threads and all that they start on the given processors.
    func pinned<Result>(to cores: [Int], _ body: () async throws -> Result) async throws -> Result {
        try await pin(to: cores)
        do {
            let result = try await body()
            try await pin(to: all)
            return result
        } catch {
            // Without the task's cancellation, which would keep it from being undone.
            await Task { [self] in try? await pin(to: all) }.value
            throw error
        }
    }

    private func pin(to cores: [Int]) async throws {
        let process = "\(ProcessInfo.processInfo.processIdentifier)"
        try await Command(["taskset", "--all-tasks", "--pid", "--cpu-list", Self.list(cores), process]).run()
            .successful()
    }

    /// As taskset(1) takes them.
    static func list(_ cores: [Int]) -> String { cores.map(String.init).joined(separator: ",") }
}
