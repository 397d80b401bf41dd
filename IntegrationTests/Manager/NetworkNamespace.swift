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
            let report = try Pipe()
            defer { for descriptor in [ends.reading, report.reading] { close(descriptor) } }
            pipe = ends.writing
            let script = "trap : INT TERM HUP; echo; while read -r _; do :; done"
            do {
                defer { close(report.writing) }
                holder = try SpawnedProcess.spawn(
                    ["unshare", "--net", "sh", "-c", script],
                    environment: nil,
                    descriptors: [ends.reading, report.writing, STDERR_FILENO]
                )
            }
            // Before it says so, it is still in the namespace of this process.
            var byte: UInt8 = 0
            var count = -1
            repeat { count = read(report.reading, &byte, 1) } while count < 0 && errno == EINTR
            guard count == 1 else { throw SystemError(call: "unshare --net", code: EPERM) }
        } catch {
            throw .cannotStart(command: "unshare", reason: "\(error)")
        }
    }

    deinit {
        close(pipe)
        var status: Int32 = 0
        while waitpid(holder, &status, 0) < 0, errno == EINTR {}
    }
}
