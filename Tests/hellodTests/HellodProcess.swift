import CLinux
import Glibc
import NIOPosix
import Synchronization
import Testing

/// What went wrong where it runs for a test, but in no task of that test's, where `#require` would fail for nobody.
struct Unexpected: Error {
    var what: String

    init(_ what: String) { self.what = what }

    /// Throws unless it is so.
    static func unless(_ isSo: Bool, _ what: @autoclosure () -> String) throws(Unexpected) {
        if !isSo { throw Unexpected(what()) }
    }
}

/// A directory for one test, removed at the end with what is in it.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/hellod-tests-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["socket", "notify", "config", "reload", "reload.new", "file", "systemctl"] {
            unlink("\(path)/\(name)")
        }
        rmdir(path)
    }

    func write(_ text: String, to name: String) throws {
        let file = try #require(fopen("\(path)/\(name)", "we"))
        fputs(text, file)
        fclose(file)
    }
}

/// The test as a service manager: a datagram socket that NOTIFY_SOCKET names.
final class PlayedManager: Sendable {
    let address: String
    fileprivate let socket: CInt

    init(_ directory: TestDirectory) throws {
        address = directory.path + "/notify"
        socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(UnixSocket.withAddress(address) { bind(socket, $0, $1) } == 0)
    }

    deinit { close(socket) }

    /// The lines of the next message. Descriptors that come with it are dropped, which ends a barrier.
    func next() async throws -> [String] {
        try await HellodProcess.elsewhere { [self] in try wait() }
    }

    /// The same, on a thread that may wait.
    fileprivate func wait() throws -> [String] {
        var request = pollfd(fd: socket, events: CShort(POLLIN), revents: 0)
        try Unexpected.unless(poll(&request, 1, 10_000) > 0, "no notification came")
        return try Self.read(socket)
    }

    /// The messages that are there now.
    func pending() throws -> [[String]] {
        var messages: [[String]] = []
        while true {
            var request = pollfd(fd: socket, events: CShort(POLLIN), revents: 0)
            guard poll(&request, 1, 0) > 0 else { return messages }
            messages.append(try Self.read(socket))
        }
    }

    fileprivate static func read(_ socket: CInt) throws -> [String] {
        var data = [UInt8](repeating: 0, count: 8192)
        // With read(2) in place of recvmsg(2), the kernel drops a descriptor that comes with a message.
        let count = Glibc.read(socket, &data, data.count)
        try Unexpected.unless(count >= 0, "read: errno \(errno)")
        return String(decoding: data[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The next message that has a line which begins so; those before it that have not are skipped.
    func next(with prefix: String) async throws -> [String] {
        while true {
            let lines = try await next()
            if lines.contains(where: { $0.hasPrefix(prefix) }) { return lines }
        }
    }
}

enum UnixSocket {
    static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func listening(at path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(withAddress(path) { bind(descriptor, $0, $1) } == 0)
        try #require(listen(descriptor, 64) == 0)
        return descriptor
    }

    /// The status line that comes back for `GET target`, with a connect that is tried once.
    static func get(_ target: String, at path: String) async throws -> String {
        try await HellodProcess.elsewhere { try Asked(target, at: path).statusLine() }
    }

    /// A request that was sent. Many can be in work at once without waiting for a thread.
    final class Asked: Sendable {
        private let descriptor: CInt

        init(_ target: String, at path: String) throws {
            descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            try Unexpected.unless(withAddress(path) { connect(descriptor, $0, $1) } == 0, "connect: errno \(errno)")
            let text = "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }

        deinit { close(descriptor) }

        /// Waits for the answer, at most 10 s: in ``HellodProcess/elsewhere(_:)``, or when it has come.
        ///
        /// - Returns: its status line, empty without an answer.
        func statusLine() throws -> String {
            var request = pollfd(fd: descriptor, events: CShort(POLLIN), revents: 0)
            try Unexpected.unless(poll(&request, 1, 10_000) > 0, "no answer came")
            var octets = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &octets, octets.count)
            let text = String(decoding: octets[..<max(count, 0)], as: UTF8.self)
            return text.split(separator: "\r\n").first.map(String.init) ?? ""
        }
    }
}

/// A process of the built program, and how it ended.
final class HellodProcess: Sendable {
    struct Ended: Equatable {
        /// The exit status, or minus the signal that killed it.
        var status: CInt
        var errors: String
    }

    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 64)
        pool.start()
        return pool
    }()

    /// Runs what waits, for a bounded time, where it holds no thread of the tests.
    static func elsewhere<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await pool.runIfActive(body)
    }

    let pid: pid_t
    private let errors: CInt
    private let isReaped = Mutex(false)

    /// Starts it through a shell, which knows its process id before it becomes the program: `$$` in a variable.
    ///
    /// - Parameters:
    ///   - redirections: what the shell does to its descriptors: `2>&-`.
    ///   - wrapper: what the shell runs with the program as its arguments.
    ///   - limit: what the shell does before that, such as `ulimit`.
    ///   - program: another one than the built program.
    init(
        _ arguments: [String],
        _ variables: [String: String] = [:],
        passing descriptor: CInt? = nil,
        redirections: String = "",
        wrapper: String = "",
        under limit: String = ":",
        program: String? = nil
    ) throws {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        errors = ends[0]
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, 3) }
        // What tests beside this one have open: NIO's sockets are not close-on-exec, and would not end while it runs.
        clinux_close_from(&actions, descriptor == nil ? 3 : 4)
        let script =
            variables.map { "export \($0)=" + ($1 == "$$" ? "$$" : "'\($1)'") + "; " }.joined()
            + "\(limit); exec \(wrapper) \"$0\" \"$@\" \(redirections)"
        var strings: [UnsafeMutablePointer<CChar>?] = []
        for string in ["sh", "-c", script, try program ?? Self.path()] + arguments { strings.append(strdup(string)) }
        strings.append(nil)
        defer { for string in strings { free(string) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, "/bin/sh", &actions, nil, strings, &environment) == 0)
        self.pid = pid
    }

    deinit {
        close(errors)
        if !isReaped.withLock({ $0 }) {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    /// Beside the test binary, where the package manager puts all products.
    static func path() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        try #require(length > 0)
        let binary = String(decoding: buffer[..<length], as: UTF8.self)
        let directory = try #require(binary.lastIndex(of: "/").map { binary[..<$0] })
        return "\(directory)/hellod"
    }

    func signal(_ signal: CInt) { kill(pid, signal) }

    /// Waits for its end, at most 10 s.
    func ended() async throws -> Ended { try await ended(by: [], readBy: nil).ended }

    /// Sends it signals and waits for its end, at most 10 s after the last that was heard of it.
    ///
    /// All of it is done on one thread, which waits for nothing that the other tests do: a queue that is not read while
    /// they have the machine fills up, a barrier is waited for only so long, and what was in work is done.
    ///
    /// - Parameters:
    ///   - prefix: what a line of a message begins with that comes before the signals.
    ///   - manager: reads what it notifies, those messages too that it sent before the signals.
    ///   - meanwhile: looks at each message behind the signals, as soon as it is there.
    func ended(
        by signals: [CInt],
        after prefix: String? = nil,
        readBy manager: PlayedManager?,
        meanwhile: @escaping @Sendable ([String]) throws -> Void = { _ in }
    ) async throws -> (ended: Ended, messages: [[String]]) {
        let (pid, errors) = (pid, errors)
        let result = try await Self.elsewhere {
            var octets: [UInt8] = []
            var messages: [[String]] = []
            if let manager, let prefix {
                repeat { messages.append(try manager.wait()) } while !messages.last!.contains { $0.hasPrefix(prefix) }
            }
            for signal in signals { kill(pid, signal) }
            while true {
                // poll(2) passes over a negative descriptor.
                var requests = [
                    pollfd(fd: manager?.socket ?? -1, events: CShort(POLLIN), revents: 0),
                    pollfd(fd: errors, events: CShort(POLLIN), revents: 0),
                ]
                try Unexpected.unless(poll(&requests, 2, 10_000) > 0, "the program hangs")
                if let manager, requests[0].revents != 0 {
                    messages.append(try PlayedManager.read(manager.socket))
                    try meanwhile(messages.last!)
                    continue
                }
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = read(errors, &buffer, buffer.count)
                if count <= 0 { break }
                octets += buffer[..<count]
            }
            var status: CInt = 0
            // The end of its standard error need not be its own: it may have been started without one.
            let deadline = ContinuousClock.now + .seconds(10)
            while waitpid(pid, &status, WNOHANG) == 0 {
                try Unexpected.unless(ContinuousClock.now < deadline, "the program hangs")
                usleep(1000)
            }
            let signal = status & 0x7f
            let ended = Ended(
                status: signal == 0 ? (status >> 8) & 0xff : -signal,
                errors: String(decoding: octets, as: UTF8.self)
            )
            return (ended, messages)
        }
        isReaped.withLock { $0 = true }
        return result
    }
}
