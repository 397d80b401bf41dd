import CLinux
import Foundation
import Glibc
import Synchronization

/// A system call that failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// A child process in a session of its own, with pipes on its output streams.
struct SpawnedProcess: ~Copyable {
    let identifier: pid_t
    private let output: Descriptor
    private let error: Descriptor

    init(
        arguments: [String],
        environment: [String: String]?,
        input: Command.Input
    ) throws(SystemError) {
        let output = try Pipe()
        let error = try Pipe()
        let input = try Self.open(input)
        identifier = try Self.spawn(
            arguments,
            environment: environment,
            descriptors: [input.number, output.writing.number, error.writing.number]
        )
        // The child has its own.
        input.close()
        output.writing.close()
        error.writing.close()
        self.output = output.reading
        self.error = error.reading
    }

    /// Reads both streams until they have ended or the process has. What was said by then is read; a descendant that holds
    /// the streams open may go on, whether it writes or not.
    /// - Returns: Whether it was ended by the timeout.
    func collect(
        into outputLines: inout LineCollector,
        _ errorLines: inout LineCollector,
        timeout: Duration?,
        kill: () -> Void
    ) -> Bool {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var timedOut = false
        let output = output.number
        var open = [output, error.number]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !open.isEmpty, !hasExited {
            if let deadline, !timedOut, ContinuousClock.now >= deadline {
                timedOut = true
                kill()
            }
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polled, nfds_t(polled.count), 50)
            for entry in polled where entry.revents != 0 {
                let count = read(entry.fd, &buffer, buffer.count)
                if count > 0 {
                    buffer.withUnsafeBytes { bytes in
                        let chunk = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                        if entry.fd == output { outputLines.append(chunk) } else { errorLines.append(chunk) }
                    }
                } else if count == 0 || errno != EINTR {
                    open.removeAll { $0 == entry.fd }
                }
            }
        }
        for descriptor in open {
            if descriptor == output {
                Self.readRest(of: descriptor, &buffer, into: &outputLines)
            } else {
                Self.readRest(of: descriptor, &buffer, into: &errorLines)
            }
        }
        // Both streams are closed, but the process may live on.
        while let deadline, !timedOut, !hasExited {
            if ContinuousClock.now >= deadline {
                timedOut = true
                kill()
            }
            usleep(2_000)
        }
        return timedOut
    }

    /// Reads what is in a pipe now, and no more of what is written to it meanwhile.
    private static func readRest(of descriptor: Int32, _ buffer: inout [UInt8], into lines: inout LineCollector) {
        var rest: Int32 = 0
        guard ioctl(descriptor, UInt(FIONREAD), &rest) == 0 else { return }
        while rest > 0 {
            let count = read(descriptor, &buffer, min(buffer.count, Int(rest)))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest -= Int32(count)
            buffer.withUnsafeBytes { lines.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// Whether the process has ended, without reaping it.
    private var hasExited: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(identifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    /// There is no more reading: a descendant that goes on writing is told so.
    consuming func close() {}

    /// Waits for the end of a process and leaves it to be reaped: its identifier stays its own.
    static func awaitEnd(of identifier: pid_t) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(identifier), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    }

    /// Reaps a process that has ended.
    static func reap(_ identifier: pid_t) -> CommandResult.Status {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}

extension SpawnedProcess {
    /// Starts a program in a session of its own, with these descriptors as 0, 1, 2 and on, and no others.
    static func spawn(
        _ arguments: [String],
        environment: [String: String]?,
        descriptors: [Int32]
    ) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // Sockets of this process that are not close-on-exec, as NIO's are not, would stay open there after they are
        // closed here: a server would wait for the end of connections that have none.
        clinux_close_from(&actions, Int32(descriptors.count))

        // What this process ignores or blocks is no business of its children's.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var ours = none
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&ours, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ours)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which the Glibc module does not show
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let variables = environment ?? ProcessInfo.processInfo.environment
        let program = arguments.first ?? ""
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var identifier: pid_t = 0
        let code = spawning.withLock { _ in posix_spawnp(&identifier, program, &actions, &attributes, argv, envp) }
        guard code == 0 else { throw SystemError(call: "posix_spawn \(program)", code: code) }
        return identifier
    }

    private static func open(_ input: Command.Input) throws(SystemError) -> Descriptor {
        switch input {
        case .none: return try Descriptor("/dev/null", O_RDONLY)
        case .file(let path): return try Descriptor(path, O_RDONLY)
        case .data(let data):
            // A file without a name: it holds any amount without a thread to feed it.
            let unnamed: Int32 = 0o20_200_000  // O_TMPFILE, which the Glibc module does not show
            let descriptor = try Descriptor("/tmp", O_RDWR | unnamed, mode: 0o600)
            var rest = Data(data)
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
                guard count > 0 else { throw SystemError(call: "write", code: errno) }
                rest.removeFirst(count)
            }
            lseek(descriptor.number, 0, SEEK_SET)
            return descriptor
        }
    }
}

/// Keeps a new descriptor from being inherited in the moment before it is marked close-on-exec:
/// the Glibc module does not show `pipe2`.
private let spawning = Mutex(())

/// Both ends of a pipe that no child inherits by accident, each closed when nobody holds it any more.
struct Pipe: ~Copyable, Sendable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let code = spawning.withLock { _ in
            guard pipe(&ends) == 0 else { return errno }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return 0
        }
        guard code == 0 else { throw SystemError(call: "pipe", code: code) }
        reading = Descriptor(ends[0])
        writing = Descriptor(ends[1])
    }
}
