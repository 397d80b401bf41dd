import Foundation
import Testing

@testable import SystemdTestKit

@Suite struct CommandTests {
    @Test func bringsBothStreamsAndTheExitStatus() async throws {
        let result = try await Command(["sh", "-c", "echo out; echo err >&2; exit 3"]).run()
        #expect(result.status == .exited(3))
        #expect(result.output == "out\n")
        #expect(result.error == "err\n")
    }

    @Test func readsItsInput() async throws {
        let text = String(repeating: "0123456789", count: 100_000)
        let result = try await Command(["wc", "-c"], input: .data(Data(text.utf8))).run()
        #expect(result.trimmed == "1000000")
    }

    @Test func isKilledWithItsDescendantsWhenItsTimeIsUp() async throws {
        let started = ContinuousClock.now
        let result = try await Command(["sh", "-c", "sleep 600 & echo $!; wait"], timeout: .milliseconds(200)).run()
        #expect(result.status == .timedOut(.milliseconds(200)))
        #expect(ContinuousClock.now - started < .seconds(300))
        let descendant = try #require(pid_t(result.trimmed))
        let deadline = ContinuousClock.now + .seconds(30)
        while isRunning(descendant) {
            try #require(ContinuousClock.now < deadline, "the descendant lives on")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func isKilledWhenItsTaskIsCancelled() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            try await Command(["sh", "-c", "echo $$; exec sleep 600"], timeout: nil) { continuation.yield($1) }.run()
        }
        let line = await lines.first { _ in true }
        let process = try #require(line.flatMap { pid_t($0) })
        #expect(isRunning(process))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!isRunning(process))
    }

    @Test func isNotStartedForLongWhenItsTaskIsCancelledBefore() async throws {
        let started = ContinuousClock.now
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Command(["sleep", "600"], timeout: nil).run()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - started < .seconds(300))
    }

    @Test func isNotKilledBetweenItsEndAndThatOfItsIdentifier() {
        let child = RunningChild()
        // Of no process: nothing would be killed.
        child.started(pid_t.max)
        let killed = DispatchSemaphore(value: 0)
        let status = child.ended {
            Thread.detachNewThread {
                child.kill()
                killed.signal()
            }
            return killed.wait(timeout: .now() + .milliseconds(300)) == .timedOut ? .exited(0) : .exited(1)
        }
        #expect(status == .exited(0), "whoever has the identifier by now would be killed")
        killed.wait()
    }

    @Test func doesNotWaitForADescendantThatHoldsItsOutput() async throws {
        let started = ContinuousClock.now
        let result = try await Command(["sh", "-c", "sleep 600 & echo $!"], timeout: .seconds(500)).run()
        #expect(ContinuousClock.now - started < .seconds(300))
        let descendant = try #require(pid_t(result.trimmed))
        #expect(isRunning(descendant))
        kill(descendant, SIGKILL)
    }

    @Test func doesNotWaitForADescendantThatGoesOnWriting() async throws {
        let started = ContinuousClock.now
        let script = "sh -c 'while :; do echo more; done' & echo $!"
        let result = try await Command(["sh", "-c", script], timeout: .seconds(100)).run()
        #expect(result.status == .exited(0))
        #expect(ContinuousClock.now - started < .seconds(60))
        // It is told with the first that nobody reads.
        #expect(result.output.split(separator: "\n").contains { pid_t($0) != nil })
    }

    @Test func returnsWhenItsTimeIsUpWhoeverWritesOn() async throws {
        // The writer is out of the session that is killed, as a unit's process is.
        let script = "setsid sh -c 'while :; do echo more; done' & echo $!; wait"
        let result = try await Command(["sh", "-c", script], timeout: .milliseconds(200)).run()
        #expect(result.status == .timedOut(.milliseconds(200)))
    }

    @Test func bringsAllThatWasSaidBeforeTheEnd() async throws {
        // The process has ended before anybody reads more than its first line.
        let script = "sleep 600 & echo first; sleep 0.1; head -c 60000 /dev/zero; echo $! >&2"
        let command = Command(["sh", "-c", script]) { if $1 == "first" { usleep(500_000) } }
        let result = try await command.run()
        #expect(result.output.utf8.count == 60_006)
        kill(try #require(pid_t(result.error.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
    }

    @Test func saysWhichProgramCannotBeStarted() async throws {
        await #expect {
            try await Command(["no-such-program-here"]).run()
        } throws: { error in
            "\(error)".contains("no-such-program-here")
        }
    }

    @Test func handsOnLinesAsTheyCome() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let command = Command(["sh", "-c", #"printf 'one\ntwo\nlast'"#]) { continuation.yield($1) }
        _ = try await command.run()
        continuation.finish()
        var all: [String] = []
        for await line in lines { all.append(line) }
        #expect(all == ["one", "two", "last"])
    }

    /// Whether a process exists and has not merely been left for its parent to reap.
    private func isRunning(_ identifier: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8) else { return false }
        return !stat.contains(") Z ")
    }
}
