import Foundation
import Glibc

/// Has a shell script run when this process is gone, whatever ended it, or when it says so.
///
/// The script's process waits, in a session of its own, for the end of a pipe whose other end only this process holds.
public struct Lifeline: Sendable {
    private let guardian: pid_t
    private let pipe: Int32

    /// Starts the process that waits.
    /// - Parameter script: For `sh`; its output goes nowhere.
    public init(script: String) throws(CommandError) {
        let waiting = "trap : INT TERM HUP\nwhile read -r _; do :; done\ntrap '' INT TERM HUP\n"
        do {
            let ends = try PipeEnds()
            let nowhere = try Descriptor("/dev/null", O_WRONLY)
            guardian = try SpawnedProcess.spawn(
                ["sh", "-c", waiting + script],
                environment: nil,
                descriptors: [ends.reading.number, nowhere.number, nowhere.number]
            )
            nowhere.close()
            ends.reading.close()
            pipe = ends.writing.released()
        } catch {
            throw .cannotStart(command: "sh", reason: error.description)
        }
    }

    /// Has the script run now, and returns when it is done.
    public func end() async {
        close(pipe)
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [guardian] in
                var status: Int32 = 0
                while waitpid(guardian, &status, 0) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }
}
