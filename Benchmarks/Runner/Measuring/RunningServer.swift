import Foundation
import Glibc
import LoadClient
import SystemdTestKit

/// A server that was started, and answers as it should.
struct RunningServer: Sendable {
    /// Why it cannot be measured.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    let usage: ProcessUsage
    private let task: Task<CommandResult, any Error>

    var target: Target { .tcp(host: "127.0.0.1", port: port) }

    /// Starts it, and returns when it has given the right answer.
    static func start(_ server: Server, _ settings: ServerSettings) async throws -> RunningServer {
        let (pids, announce) = AsyncStream.makeStream(of: Int32.self)
        // The shell says its number and becomes the server. Whatever happens to this process, the server ends with it.
        let prefix = [
            "setpriv", "--pdeathsig", "KILL", "taskset", "--cpu-list", Cores.list(settings.cores),
            "sh", "-c", #"echo "pid $$"; exec "$@""#, "sh",
        ]
        let command = Command(
            prefix + server.arguments(settings),
            environment: server.environment(settings),
            workingDirectory: server.directory,
            timeout: nil
        ) { _, line in
            if line.hasPrefix("pid "), let pid = Int32(line.dropFirst(4)) { announce.yield(pid) }
        }
        let task = Task {
            defer { announce.finish() }
            return try await command.run()
        }
        do {
            let pid = await pids.first { _ in true }
            guard let pid else { throw Failure(description: await Self.words(task)) }
            let running = RunningServer(port: settings.port, usage: ProcessUsage(root: pid), task: task)
            try await running.checkAnswer()
            return running
        } catch {
            task.cancel()
            _ = await task.result
            throw error
        }
    }

    /// Ends it, and returns when it is gone.
    func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// Starts a server, runs a body with it, and ends it.
    static func with<Result>(
        _ server: Server,
        _ settings: ServerSettings,
        _ body: (RunningServer) async throws -> Result
    ) async throws -> Result {
        let running = try await start(server, settings)
        do {
            let result = try await body(running)
            await running.stop()
            return result
        } catch {
            await running.stop()
            throw error
        }
    }

    /// Asks until it answers, and compares the answer byte for byte.
    private func checkAnswer() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                let response = try await LoadEngine.shared.get(target, within: .seconds(5)).response
                let seen = "\(response.status) \(response["Content-Type"] ?? "") \(response.text)"
                let expected = #"200 application/json {"Hello":"World"}"#
                guard seen == expected else {
                    throw Failure(description: "it answers '\(seen)' instead of '\(expected)'")
                }
                return
            } catch let error as RawConnectionError {
                guard ContinuousClock.now < deadline else {
                    throw Failure(description: "it does not answer: \(error)")
                }
                guard kill(usage.root, 0) == 0 else { throw Failure(description: await Self.words(task)) }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// What a server that has ended said last.
    private static func words(_ task: Task<CommandResult, any Error>) async -> String {
        switch await task.result {
        case .success(let result):
            let said = (result.output + result.error).split(separator: "\n").filter { !$0.hasPrefix("pid ") }.suffix(3)
            return "it \(result.status): \(said.joined(separator: " | "))"
        case .failure(let error): return "\(error)"
        }
    }
}
