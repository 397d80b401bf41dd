import Foundation
import Glibc
import Synchronization

/// The harness's side of a machine's janitor: the pipe that keeps it waiting, and what the machine says.
final class Supervisor: Sendable {
    private struct State: ~Copyable {
        var lifeline: Descriptor?
        var machine: pid_t?
        var console = ""
        var consoleEnded = false
    }

    private let janitor: pid_t
    private let state: Mutex<State>

    init(name: String, root: MachineRoot, cgroups: [String]) throws(MachineError) {
        do {
            let lifeline = try Pipe()
            let report = try Pipe()
            let console = try Pipe()
            janitor = try SpawnedProcess.spawn(
                ["sh", "-c", Scripts.janitor, "janitor", Scripts.boot, name, root.path] + cgroups,
                environment: nil,
                descriptors: [lifeline.reading.number, report.writing.number, console.writing.number]
            )
            // The janitor has its own.
            lifeline.reading.close()
            report.writing.close()
            console.writing.close()
            state = Mutex(State(lifeline: lifeline.writing))
            follow(report.reading) { state, text in state.machine = pid_t(text.prefix { $0.isNumber }) }
            follow(console.reading) { state, text in
                state.console = String((state.console + text).suffix(64 << 10))
            } atEnd: {
                $0.consoleEnded = true
            }
        } catch {
            throw .bootFailed(reason: error.description, console: "")
        }
    }

    /// The outermost process of the machine, in its mount namespace but not in its PID namespace.
    var machine: pid_t? { state.withLock { $0.machine } }

    /// What was last said on its console, and by what set it up.
    var console: String { state.withLock { $0.console } }

    /// Whether every process that could write to the console is gone.
    var hasEnded: Bool { state.withLock { $0.consoleEnded } }

    /// Kills a process of the machine. When that has ended, its number may be another's.
    func kill(_ process: pid_t) {
        if !hasEnded { _ = Glibc.kill(process, SIGKILL) }
    }

    /// Lets the prepared machine boot; `nil` as long as it is not waiting for that.
    func letGo(_ process: pid_t) -> Void? {
        let gate = open("/proc/\(process)/root/run/machine/go", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard gate >= 0 else { return nil }
        defer { close(gate) }
        return write(gate, "\n", 1) == 1 ? () : nil
    }

    /// Asks for something every few milliseconds until it is there.
    /// - Throws: ``MachineError/bootFailed(reason:console:)`` when the machine ends or time runs out.
    func value<Value>(of what: String, by deadline: Deadline, _ ask: () -> Value?) async throws -> Value {
        while true {
            if let value = ask() { return value }
            if hasEnded { throw MachineError.bootFailed(reason: "it ended before \(what)", console: console) }
            if deadline.hasPassed {
                throw MachineError.bootFailed(reason: "\(deadline.limit) were over before \(what)", console: console)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until nothing of the machine runs any more.
    func ended() async throws {
        let deadline = ContinuousClock.now + PrivateMachine.bootTimeout
        while !hasEnded {
            guard ContinuousClock.now < deadline else {
                throw WaitedInVain(what: "the machine's end", limit: PrivateMachine.bootTimeout, lastSeen: console)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Takes the machine down at once and returns when nothing of it is left.
    func stop() async {
        state.withLock { $0.lifeline = nil }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [janitor] in
                var status: Int32 = 0
                while waitpid(janitor, &status, 0) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }

    private func follow(
        _ descriptor: consuming Descriptor,
        _ use: @escaping @Sendable (inout State, String) -> Void,
        atEnd: @escaping @Sendable (inout State) -> Void = { _ in }
    ) {
        let descriptor = descriptor
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor.number, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                state.withLock { use(&$0, text) }
            }
            state.withLock { atEnd(&$0) }
        }
    }
}
