import Glibc
import Testing

@Suite("Descriptors 0 to 2, the argument vector, and what a command prints")
struct StandardStreamsTests {
    @Test(
        "standard descriptors that are closed are none of the daemon's sockets",
        arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]
    )
    func closed(redirections: String) async throws {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let process = try HellodProcess(
            ["--listen", "unix:\(directory.path)/socket"],
            ["NOTIFY_SOCKET": manager.address],
            redirections: redirections
        )
        _ = try await manager.next(with: "READY=1")
        for (descriptor, sign) in [(0, "<&-"), (1, " >&-"), (2, "2>&-")] where " \(redirections)".contains(sign) {
            var octets = [UInt8](repeating: 0, count: 256)
            let count = readlink("/proc/\(process.pid)/fd/\(descriptor)", &octets, octets.count)
            #expect(String(decoding: octets.prefix(max(count, 0)), as: UTF8.self) == "/dev/null", "\(descriptor)")
        }
        #expect(try await UnixSocket.get("/healthz", at: directory.path + "/socket") == "HTTP/1.1 200 OK")
        process.signal(SIGTERM)
        #expect(try await process.ended().status == 0)
    }

    private static let printing = [
        ["openapi"], ["check-config"], ["check-config", "--print-defaults"], ["--help"], ["help"], ["help", "serve"],
        ["serve", "--help"], ["--version"], ["--generate-completion-script", "bash"],
    ]

    @Test("what cannot be printed fails the command", arguments: printing, [">/dev/full", ">&-"])
    func fullDisk(arguments: [String], redirection: String) async throws {
        let ended = try await HellodProcess(arguments, redirections: redirection).ended()
        #expect(ended.status == 71)
        #expect(ended.errors.hasPrefix("hellod: cannot write to standard output: "), "\(ended.errors)")
        #expect(ended.errors.split(separator: "\n").count == 1)
    }

    @Test("what can be printed is, and says nothing on standard error", arguments: printing)
    func prints(arguments: [String]) async throws {
        let directory = try TestDirectory()
        let file = directory.path + "/file"
        let ended = try await HellodProcess(arguments, redirections: ">\(file)").ended()
        #expect(ended == HellodProcess.Ended(status: 0, errors: ""))
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_size > 10)
    }

    /// Runs what follows where there is no /proc, in a mount namespace of its own.
    private static let withoutProc = "unshare --mount sh -c 'mount -t tmpfs none /proc && exec \"$0\" \"$@\"'"

    @Test(
        "an argument vector that cannot be read is refused, and not taken for an empty one",
        .enabled(if: system("unshare --mount true 2>/dev/null") == 0, "only root can hide /proc"),
        arguments: [["--version"], ["check-config"], ["reload", "4194304"], ["serve"], []]
    )
    func noVector(arguments: [String]) async throws {
        let ended = try await HellodProcess(
            arguments,
            ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"],
            wrapper: Self.withoutProc
        )
        .ended()
        #expect(ended.status == 64)
        #expect(ended.errors.hasPrefix("hellod: the command line cannot be read"), "\(ended.errors)")
        #expect(ended.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "a start that fails is told on standard error where there is no journal",
        .enabled(if: access("/run/systemd/journal/socket", F_OK) != 0, "there is a journal")
    )
    func noJournal() async throws {
        let directory = try TestDirectory()
        try directory.write("", to: "file")
        let ended = try await HellodProcess(
            ["--log-format", "journal", "--listen", "unix:\(directory.path)/file"]
        ).ended()
        #expect(ended.status == 71)
        #expect(ended.errors.contains("hellod: cannot listen on "), "\(ended.errors)")
        // One that succeeds would be silent for ever.
        #expect(ended.errors.contains("warning: there is no journal to log to"))
    }

    @Test(
        "a wrong command is told with the one that was meant",
        arguments: [
            (["serv"], "there is no command \"serv\"; did you mean serve?"),
            (["help", "nope"], "there is no command \"nope\""),
            (["help", "check-confg"], "did you mean check-config?"),
            (["help", "serve", "nope"], "no command \"nope\""),
        ]
    )
    func commands(arguments: [String], part: String) async throws {
        let ended = try await HellodProcess(arguments).ended()
        #expect(ended.status == 64)
        #expect(ended.errors.contains(part), "\(ended.errors)")
    }

    @Test(
        "help fits into 80 columns",
        arguments: [
            ["--help"], ["serve", "--help"], ["check-config", "--help"], ["reload", "--help"], ["openapi", "--help"],
        ]
    )
    func width(arguments: [String]) async throws {
        let directory = try TestDirectory()
        let file = directory.path + "/file"
        #expect(try await HellodProcess(arguments, redirections: ">\(file)").ended().status == 0)
        let text = try #require(fopen(file, "r"))
        defer { fclose(text) }
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, CInt(line.count), text) != nil {
            let shown = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            #expect(shown.count <= 81, "\(shown)")
        }
    }
}
