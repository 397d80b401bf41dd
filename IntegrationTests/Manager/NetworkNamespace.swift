import Foundation
import Glibc

/// A network namespace in which nothing runs: a place to connect from.
///
/// It is held by a process that waits for the end of a pipe, and so ends with this one, however that ends.
public final class NetworkNamespace: Sendable {
    let holder: pid_t
    private let pipe: Int32

    /// Its file, for what can enter it: `/proc/<pid>/ns/net`.
    public var path: String { "/proc/\(holder)/ns/net" }

    /// What goes before a command so that it runs there.
    public var entry: [String] { ["nsenter", "--net=\(path)", "--"] }

    init() throws(CommandError) {
        do {
            let ends = try Pipe()
            holder = try Self.hold(until: ends.reading.number)
            // Closed before the process is waited for, which ends with it.
            pipe = ends.writing.released()
        } catch {
            throw .cannotStart(command: "unshare", reason: "\(error)")
        }
    }

    /// Starts a process in a namespace of its own, which lives until a pipe ends.
    private static func hold(until end: Int32) throws -> pid_t {
        let report = try Pipe()
        let holder = try SpawnedProcess.spawn(
            ["unshare", "--net", "sh", "-c", "trap : INT TERM HUP; echo; while read -r _; do :; done"],
            environment: nil,
            descriptors: [end, report.writing.number, STDERR_FILENO]
        )
        report.writing.close()
        // Before it says so, it is still in the namespace of this process.
        var byte: UInt8 = 0
        var count = -1
        repeat { count = read(report.reading.number, &byte, 1) } while count < 0 && errno == EINTR
        guard count == 1 else {
            reap(holder)
            throw NotHeld()
        }
        return holder
    }

    private static func reap(_ process: pid_t) {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    private struct NotHeld: Error, CustomStringConvertible {
        var description: String { "it ended before it had a network of its own; what it said is on standard error" }
    }

    deinit {
        close(pipe)
        Self.reap(holder)
    }
}
