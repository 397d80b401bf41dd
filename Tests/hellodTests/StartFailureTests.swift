import Glibc
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("A start that fails")
struct StartFailureTests {
    /// One clear line on stderr, whatever was wrong; no trap and no backtrace.
    private static func check(_ ended: HellodProcess.Ended, _ status: ServiceSettings.ExitStatus, _ parts: String...) {
        #expect(ended.status == CInt(status.rawValue), "\(ended.errors)")
        #expect(ended.errors.hasPrefix("hellod: "))
        #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
        for part in parts { #expect(ended.errors.contains(part), "\(ended.errors)") }
    }

    @Test(
        "exits with 64 for a wrong command line",
        arguments: [
            ["--nope"], ["nope"], ["serve", "--listen"], ["--listen", "nonsense"], ["--greeting-delay", "never"],
            ["--set", "nope=1"], ["reload"], ["reload", "1"], ["reload", "x"], ["--event-loops"],
        ]
    )
    func usage(arguments: [String]) async throws {
        Self.check(try await HellodProcess(arguments).ended(), .usage)
    }

    @Test("exits with 78 for a bad configuration, told to the manager too")
    func configuration() async throws {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        try directory.write("greeting:\n  delay: never\n", to: "config")
        let process = try HellodProcess(["--config", directory.path + "/config"], ["NOTIFY_SOCKET": manager.address])
        let message = try await manager.next()
        #expect(message.contains("ERRNO=\(EINVAL)"))
        #expect(message.contains { $0.hasPrefix("STATUS=Failed: ") && $0.contains("greeting.delay") })
        #expect(try await manager.next() == ["BARRIER=1"])
        Self.check(try await process.ended(), .configuration, "config:2", "greeting.delay")
        let missing = try HellodProcess(["--config", directory.path + "/file"])
        Self.check(try await missing.ended(), .configuration, "/file")
        let environment = try HellodProcess([], ["HELLO_GREETING_DELAY": "never"])
        Self.check(try await environment.ended(), .configuration, "HELLO_GREETING_DELAY")
    }

    @Test("exits with 71 when a port is in use, and says what may hold it")
    func portInUse() async throws {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let descriptor = try UnixSocket.listening(at: directory.path + "/socket")
        defer { close(descriptor) }
        let address = "unix:\(directory.path)/socket"
        let process = try HellodProcess(["--listen", address], ["NOTIFY_SOCKET": manager.address])
        #expect(try await manager.next(with: "ERRNO=").contains("ERRNO=\(EADDRINUSE)"))
        _ = try await manager.next()
        Self.check(try await process.ended(), .system, address, "Address already in use", "a socket unit")
    }

    @Test(
        "exits with 71 for garbage from the service manager",
        arguments: [
            ["LISTEN_FDS": "abc", "LISTEN_PID": "$$"], ["LISTEN_FDS": "-1", "LISTEN_PID": "$$"],
            ["LISTEN_FDS": "1", "LISTEN_PID": "x"], ["LISTEN_FDS": "1", "LISTEN_PID": "$$"],
            ["LISTEN_FDS": "99999", "LISTEN_PID": "$$"], ["WATCHDOG_USEC": "soon"],
        ]
    )
    func garbage(variables: [String: String]) async throws {
        let directory = try TestDirectory()
        let process = try HellodProcess(["--listen", "unix:\(directory.path)/socket"], variables)
        Self.check(try await process.ended(), .system, variables["WATCHDOG_USEC"] == nil ? "LISTEN_" : "WATCHDOG_USEC")
    }

    @Test("`reload` that cannot tell what came of it exits with 71")
    func reloadUntold() async throws {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let process = try HellodProcess(
            ["--listen", "unix:\(directory.path)/socket"],
            ["NOTIFY_SOCKET": manager.address]
        )
        _ = try await manager.next(with: "READY=1")
        let ended = try await HellodProcess(["reload", String(process.pid)]).ended()
        Self.check(ended, .system, "cannot tell what came of it", "RUNTIME_DIRECTORY")
        _ = try await process.ended(by: [SIGTERM], readBy: manager)
    }

    @Test("`reload` of another program's process signals nothing, and says what that is")
    func reloadOther() async throws {
        let other = try await HellodProcess.elsewhere {
            CommandOutput.of([
                // Whoever runs the tests may have blocked these.
                "env", "--default-signal=HUP,TERM", "sh", "-c",
                "sleep 60 & \"$1\" reload $! 2>&1; echo $?; kill $!; wait $!; echo $?", "sh",
                try HellodProcess.path(),
            ])
        }
        let lines = (other ?? "").split(separator: "\n")
        #expect(lines.count == 3 && lines[1...] == ["64", "\(128 + SIGTERM)"], "\(other ?? "")")
        #expect(lines.first?.contains("is no hellod, but \"") == true, "\(other ?? "")")
    }

    @Test(
        "a process is the daemon whose file an upgrade has replaced or renamed, and where nothing is seen",
        arguments: [
            ("/usr/local/bin/hellod", "hellod", nil), ("/usr/local/bin/hellod (deleted)", "hellod", nil),
            ("/usr/local/bin/hellod.old (deleted)", "hellod", nil), (nil, "hellod", nil),
            ("/usr/bin/python3.11", "python3", "python3.11"), (nil, "cat", "cat"), ("/bin/hello", "hello", "hello"),
        ] as [(String?, String?, String?)]
    )
    func processName(program: String?, thread: String?, other: String?) {
        #expect(ProcessName(program: program, thread: thread).otherThan(["hellod", "tests"]) == other)
    }

    @Test("a thread's name is compared as far as the kernel keeps it")
    func longName() {
        #expect(ProcessName(program: nil, thread: "thumbnail-maker").otherThan(["thumbnail-maker-d"]) == nil)
        #expect(ProcessName(of: 4_194_304) == nil)
        #expect(ProcessName(of: getpid())?.otherThan([ProcessName.own]) == nil)
    }

    @Test("`reload` of a process that is not there exits with 71")
    func reloadNobody() async throws {
        Self.check(try await HellodProcess(["reload", "4194304"]).ended(), .system, "4194304")
    }
}
