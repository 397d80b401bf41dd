import CLinux
import CSystemd
import Glibc
import Testing

/// The program `activation-probe`, started as a service manager starts a service, and what it says.
final class Probe {
    private let pid: pid_t
    private let output: TestDescriptor
    private var pending = ""
    private var isReaped = false

    /// Starts it through a shell, which knows its process id before it becomes the probe.
    ///
    /// - Parameters:
    ///   - command: the probe's arguments.
    ///   - variables: its environment, all of it; `$$` in a value is its process id.
    ///   - descriptors: what it gets from 3 on.
    init(_ command: String, _ variables: [String: String] = [:], passing descriptors: [TestDescriptor] = []) throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe2(&ends, O_CLOEXEC) == 0)
        output = try TestDescriptor(ends[0])
        let theirs = try TestDescriptor(ends[1])

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, theirs.number, 1)
        for (position, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor.number, CInt(3 + position))
        }
        // What tests beside this one have open: NIO's sockets are not close-on-exec, and would not end while it runs.
        clinux_close_from(&actions, CInt(3 + descriptors.count))

        // The values come as positional parameters' text: only `$$` in them is replaced.
        let assignments = variables.map { name, value in
            "export \(name)=" + (value == "$$" ? "$$" : "'\(value)'") + "; "
        }
        let script = assignments.joined() + "exec \"$0\" \(command)"
        var arguments = [UnsafeMutablePointer<CChar>?]()
        for argument in ["sh", "-c", script, try Self.path()] { arguments.append(strdup(argument)) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, "/bin/sh", &actions, nil, arguments, &environment) == 0)
        self.pid = pid
    }

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    /// Beside the test binary, where the package manager puts all products.
    private static func path() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        try #require(length > 0)
        let binary = String(decoding: buffer[..<length], as: UTF8.self)
        let directory = try #require(binary.lastIndex(of: "/").map { binary[..<$0] })
        return "\(directory)/activation-probe"
    }

    /// Whether it says something, or ends, within a time.
    func isHeard(within milliseconds: CInt) -> Bool {
        var request = pollfd(fd: output.number, events: CShort(POLLIN), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }

    /// Its next line, or `nil` when it has ended; waits at most 20 s.
    func nextLine() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: "\n") {
                let line = String(pending[..<end])
                pending.removeSubrange(...end)
                return line
            }
            try #require(isHeard(within: 20_000), "the probe hangs")
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = read(output.number, &buffer, buffer.count)
            try #require(count >= 0)
            if count == 0 { return nil }
            pending += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// All lines to its end, which must be an orderly one.
    func lines() throws -> [String] {
        var lines: [String] = []
        while let line = try nextLine() { lines.append(line) }
        var status: CInt = -1
        try #require(waitpid(pid, &status, 0) == pid)
        isReaped = true
        #expect(status == 0, "the probe crashed, or was used wrongly")
        return lines
    }
}

extension [String] {
    /// What follows `key=` in the first line that begins so.
    func value(_ key: String) -> String? {
        first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.utf8.count + 1)) }
    }
}
