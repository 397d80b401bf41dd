import Foundation
import Glibc
import Synchronization

/// Has a shell script run when this process is gone, whatever ended it, or when it says so.
///
/// The script's process waits, in a session of its own, for the end of a pipe whose other end only this process holds.
package final class Lifeline: Sendable {
    private struct State {
        /// Open as long as this process, whoever holds this.
        let pipe: Int32
        var end: Task<Void, Never>?
    }

    private let guardian: pid_t
    private let state: Mutex<State>

    /// Starts the process that waits.
    /// - Parameters:
    ///   - script: For `sh`; its output goes nowhere.
    ///   - arguments: What it calls `$1` and on.
    package init(script: String, arguments: [String] = []) throws(CommandError) {
        let waiting = "trap : INT TERM HUP\nwhile read -r _; do :; done\ntrap '' INT TERM HUP\n"
        do {
            let ends = try Pipe()
            let nowhere = try Descriptor("/dev/null", O_WRONLY)
            guardian = try SpawnedProcess.spawn(
                ["sh", "-c", waiting + script, "sh"] + arguments,
                environment: nil,
                descriptors: [ends.reading.number, nowhere.number, nowhere.number]
            )
            nowhere.close()
            ends.reading.close()
            state = Mutex(State(pipe: ends.writing.released()))
        } catch {
            throw .cannotStart(command: "sh", reason: error.description)
        }
    }

    /// Has the script run now, and returns when it is done. It runs once, however often this is called.
    package func end() async {
        let end = state.withLock { state in
            if let end = state.end { return end }
            close(state.pipe)
            let end = Task { await reap() }
            state.end = end
            return end
        }
        await end.value
    }

    private func reap() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [guardian] in
                var status: Int32 = 0
                while waitpid(guardian, &status, 0) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }
}
