import ArgumentParser
import Glibc
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("What check-config sees of a unit")
struct ServiceViewTests {
    private static let shown = """
        ExecStart={ path=/usr/local/bin/hellod ; argv[]=/usr/local/bin/hellod serve --log-level debug ; ignore_errors=no ; \
        start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
        Environment=HELLO_GREETING_DELAY=250ms "HELLO_LISTEN=unix:/a b" OTHER=1
        UnsetEnvironment=OTHER
        EnvironmentFiles=/etc/default/hello (ignore_errors=no)
        EnvironmentFiles=/etc/default/absent (ignore_errors=yes)
        EnvironmentFiles=/etc/default/closed (ignore_errors=yes)
        EnvironmentFiles=/etc/default/gone (ignore_errors=no)
        User=
        DynamicUser=yes
        LoadState=loaded
        FragmentPath=/usr/local/lib/systemd/system/hello.service
        DropInPaths=/etc/systemd/system/hello.service.d/a.conf /run/systemd/system/hello.service.d/b.conf
        NeedDaemonReload=yes
        """

    @Test("is its files, variables, environment files and arguments")
    func reads() throws {
        let view = try ServiceView(Self.shown, unit: "hello.service") { path in
            switch path {
            case "/etc/default/hello":
                .text("# a comment\nHELLO_GREETING_DELAY=\"1 s\"\n\n HELLO_LOG_LEVEL = info\n")
            case "/etc/default/closed": .closed("Permission denied")
            default: .missing
            }
        }
        #expect(
            view.files == [
                "/usr/local/lib/systemd/system/hello.service", "/etc/systemd/system/hello.service.d/a.conf",
                "/run/systemd/system/hello.service.d/b.conf",
            ]
        )
        // A file of variables wins over the unit's own.
        #expect(
            view.environment == [
                "HELLO_GREETING_DELAY": "1 s", "HELLO_LISTEN": "unix:/a b", "HELLO_LOG_LEVEL": "info",
            ]
        )
        #expect(view.environmentFiles == ["/etc/default/hello"])
        #expect(view.program == "/usr/local/bin/hellod")
        #expect(try view.arguments(of: Hello.identity) == ["serve", "--log-level", "debug"])
        #expect(view.hasDynamicUser)
        #expect(view.warnings.count == 1 && view.warnings[0].contains("systemctl daemon-reload"))
        // The start would fail without the one; what is in the other is not known here.
        try #require(view.problems.count == 2, "\(view.problems)")
        #expect(view.problems[0].hasPrefix("EnvironmentFile=/etc/default/closed: cannot be read here"))
        #expect(view.problems[1].hasPrefix("EnvironmentFile=/etc/default/gone: there is no such file"))
    }

    /// A unit that says this.
    private func view(_ lines: String..., unit: String = "hello.service") throws -> ServiceView {
        try ServiceView((["LoadState=loaded"] + lines).joined(separator: "\n"), unit: unit) { _ in .missing }
    }

    @Test("is refused where the unit is none of this daemon's, with a sentence that says so")
    func foreign() throws {
        let journald = try view("ExecStart={ path=/a ; argv[]=/lib/journald ; ignore_errors=no ; }")
        let problem = #expect(throws: ServiceView.Problem.self) { try journald.arguments(of: Hello.identity) }
        #expect(problem?.line == #""hello.service" is no service of hellod: ExecStart= runs "/lib/journald""#)
        #expect(problem?.status == .usage)
        let socket = try view("Id=hello.socket")
        let other = #expect(throws: ServiceView.Problem.self) { try socket.arguments(of: Hello.identity) }
        #expect(other?.line == "\"hello.socket\" is no service: give hello.service")
        let wrapped = try view("ExecStart={ path=/a ; argv[]=/bin/env A=1 /opt/hellod-2 serve ; ignore_errors=no ; }")
        #expect(try wrapped.arguments(of: Hello.identity) == ["serve"])
        let template = #expect(throws: ServiceView.Problem.self) { try ServiceView.ask("hello@.service") }
        #expect(template?.line.hasSuffix("give an instance of it, as hello@NAME.service") == true)
        for state in ["masked", "bad-setting"] {
            let problem = #expect(throws: ServiceView.Problem.self) {
                try ServiceView("LoadState=\(state)", unit: "hello.service") { _ in .missing }
            }
            #expect(problem?.status == .configuration)
        }
    }

    @Test(
        "says which places the sandbox hides, and by which setting",
        arguments: [
            ("/home/a/hello.yaml", "ProtectHome=yes"), ("/root/hello.yaml", "ProtectHome=yes"),
            ("/run/user/0/hello.yaml", "ProtectHome=yes"), ("/tmp/hello.yaml", "PrivateTmp=yes"),
            ("/var/tmp/hello.yaml", "PrivateTmp=yes"), ("/run/hello.yaml", "TemporaryFileSystem=/run"),
            ("/srv/closed", "InaccessiblePaths=/srv/closed"),
            ("/srv/closed/hello.yaml", "InaccessiblePaths=/srv/closed"),
            ("/home/shown/hello.yaml", nil), ("/run/hello/hello.yaml", nil), ("/etc/hello/hello.yaml", nil),
            ("/homes/hello.yaml", nil),
        ] as [(String, String?)]
    )
    func hidden(path: String, setting: String?) throws {
        let view = try view(
            "ProtectHome=yes",
            "PrivateTmp=yes",
            "TemporaryFileSystem=/run:ro",
            "InaccessiblePaths=-/srv/closed",
            "BindReadOnlyPaths=/srv/of-a:/home/shown:norbind /run/systemd",
            "RuntimeDirectory=hello"
        )
        #expect(view.sandbox.obstacle(to: path)?.setting == setting)
        #expect(try self.view("ProtectHome=read-only", "PrivateTmp=no").sandbox.obstacle(to: path) == nil)
        let found = view.obstacles(to: path, place: "/etc/hello").filter { $0.contains("sandbox") }
        #expect(found.count == (setting == nil ? 0 : 1))
        #expect(found.allSatisfy { $0.hasPrefix("\(path): ") && $0.hasSuffix("(put the file into /etc/hello)") })
    }

    @Test("has groups that this machine knows, unless they are made with a dynamic user")
    func groups() throws {
        func problems(_ lines: String...) throws -> [String] {
            try view(lines[0], lines[1], "SupplementaryGroups=no-such daemon 1").obstacles(
                to: "/nothing",
                place: "/etc/hello"
            )
        }
        let supplementary = "SupplementaryGroups=no-such: no such group"
        #expect(try problems("DynamicUser=yes", "Group=not-yet") == [supplementary])
        #expect(try problems("DynamicUser=no", "Group=daemon") == [supplementary])
        #expect(try problems("DynamicUser=no", "Group=none-such") == ["Group=none-such: no such group", supplementary])
    }

    @Test("has a program that is there and can be run")
    func program() throws {
        let directory = try TestDirectory()
        chmod(directory.path, 0o755)
        try directory.write("", to: "file")
        let path = directory.path + "/file"
        func problems() throws -> [String] {
            try view("DynamicUser=yes", "ExecStart={ path=\(path) ; argv[]=\(path) serve ; ignore_errors=no ; }")
                .obstacles(to: "/nothing", place: "/etc/hello")
        }
        chmod(path, 0o644)
        #expect(try problems() == ["ExecStart=\(path) cannot be run (chmod a+x)"])
        chmod(path, 0o755)
        #expect(try problems() == [])
        chmod(directory.path, 0o700)
        #expect(try problems().first?.hasSuffix("(chmod a+x \(directory.path))") == true)
        unlink(path)
        #expect(try problems() == ["ExecStart=\(path): there is no such program"])
    }

    @Test("is warned of where a stop may take longer than the unit allows")
    func stopTime() throws {
        let view = try view("TimeoutStopUSec=1min 30.500s")
        #expect(view.stopWarning(lameDuck: .seconds(60), drainTimeout: .seconds(30)) == nil)
        let warning = view.stopWarning(lameDuck: .seconds(61), drainTimeout: .seconds(30))
        #expect(warning?.contains("TimeoutStopSec= (90500ms)") == true, "\(warning ?? "")")
        let endless = try self.view("TimeoutStopUSec=infinity")
        #expect(endless.stopWarning(lameDuck: .seconds(3600), drainTimeout: .seconds(3600)) == nil)
    }

    @Test("names drop-ins that the manager has not read, those of the template too")
    func unreadDropIns() async throws {
        try await ScratchDirectory.with { directory in
            let text = "Id=hello@a.service\nLoadState=loaded\nDropInPaths=/etc/hello@.service.d/known.conf\n"
            let view = try ServiceView(text, unit: "hello@a") { _ in .missing }
            for name in ["hello@.service.d", "hello@a.service.d", "hello.service.d"] {
                mkdir("\(directory.path)/\(name)", 0o755)
                for file in ["known.conf", "new.conf", "new.txt"] { try directory.write("", to: "\(name)/\(file)") }
            }
            #expect(
                view.unreadDropIns(in: ["/nothing", directory.path]) == [
                    "\(directory.path)/hello@a.service.d/new.conf", "\(directory.path)/hello@.service.d/new.conf",
                ]
            )
        }
    }

    @Test("has files of variables as systemd reads them: a pattern is all that it names")
    func variables() async throws {
        try await ScratchDirectory.with { directory in
            try directory.write("A=1", to: "a.conf")
            try directory.write("B=2", to: "b.conf")
            #expect(EnvironmentFile.read("\(directory.path)/a.conf") == .text("A=1"))
            #expect(EnvironmentFile.read("\(directory.path)/?.conf") == .text("A=1\nB=2"))
            #expect(EnvironmentFile.read("\(directory.path)/c*.conf") == .missing)
            #expect(EnvironmentFile.read("\(directory.path)/c.conf") == .missing)
            guard case .closed = EnvironmentFile.read(directory.path) else {
                Issue.record("a directory was read")
                return
            }
        }
    }

    @Test("is none where there is no such unit")
    func notFound() {
        #expect(throws: ServiceView.Problem.self) {
            try ServiceView("LoadState=not-found\n", unit: "nope.service") { _ in .missing }
        }
    }

    @Test("words are split as systemd splits them")
    func words() {
        #expect(SystemdText.words(#"a "b c" 'd "e' f\ g "\"h" "" i"#) == ["a", "b c", #"d "e"#, "f g", "\"h", "", "i"])
        #expect(SystemdText.words("") == [])
        #expect(SystemdText.assignments("A=1\n;c\nB='x y'\\\nz\n= \nC") == ["A=1", "B=x yz", "="])
    }

    @Test("a file that a dynamic user cannot read is told, with what stands in the way")
    func unreadable() throws {
        let directory = try TestDirectory()
        chmod(directory.path, 0o755)
        try directory.write("", to: "config")
        let path = directory.path + "/config"
        chmod(path, 0o600)
        #expect(FileReader.nobody.obstacle(to: path) == path)
        chmod(path, 0o644)
        #expect(FileReader.nobody.obstacle(to: path) == nil)
        chmod(directory.path, 0o700)
        #expect(FileReader.nobody.obstacle(to: path) == directory.path)
        #expect(FileReader(user: "root")?.obstacle(to: path) == nil)
        #expect(FileReader(user: "nobody-of-this-name") == nil)
    }

    /// Runs it with a systemctl that says this.
    private func check(_ shown: String, _ directory: TestDirectory) async throws -> HellodProcess.Ended {
        try directory.write("#!/bin/sh\ncat <<'END'\n\(shown)\nEND\n", to: "systemctl")
        chmod(directory.path + "/systemctl", 0o755)
        return try await HellodProcess(
            ["check-config", "--unit", "hello.service"],
            ["PATH": directory.path + ":/usr/bin:/bin", "HELLO_GREETING_DELAY": "never"],
            redirections: ">\(directory.path)/file"
        ).ended()
    }

    private func output(_ directory: TestDirectory) throws -> String {
        guard case .text(let text, _) = ConfigurationFile.read(directory.path + "/file", namedBy: "test") else {
            return ""
        }
        return text
    }

    @Test("check-config goes by the unit and not by its own environment, and fails where a start would")
    func command() async throws {
        let directory = try TestDirectory()
        try directory.write("greeting:\n  max_delay: 20s\n", to: "config")
        chmod(directory.path, 0o755)
        let program = try HellodProcess.path()
        let shown = """
            LoadState=loaded
            FragmentPath=/lib/hello.service
            DropInPaths=/etc/a.conf
            Environment=HELLO_CONFIG=\(directory.path)/config HELLO_PORT=1
            ExecStart={ path=\(program) ; argv[]=\(program) serve --drain-timeout 7s ; ignore_errors=no ; pid=0 }
            TimeoutStopUSec=7s
            """
        let ended = try await check(shown, directory)
        #expect(ended.status == 0, "\(ended.errors)")
        let text = try output(directory)
        for part in [
            "configuration OK\n", "unit: /lib/hello.service, /etc/a.conf\n", "variables: HELLO_CONFIG HELLO_PORT\n",
            "arguments: serve --drain-timeout 7s\n", "environment files: none\n", "file: \(directory.path)/config\n",
            "greeting.max_delay = 20s", "drain_timeout = 7s", "greeting.delay = 1s",
        ] {
            #expect(text.contains(part), "\(part) is not in \(text)")
        }
        #expect(ended.errors.contains("warning: HELLO_PORT"))
        #expect(ended.errors.contains("warning: lame_duck (0s) and drain_timeout (7s)"))

        // Whoever runs the tests may have the program where others may not enter.
        let dynamic = shown + "\nDynamicUser=yes"
        chmod(directory.path + "/config", 0o600)
        let closed = try await check(dynamic, directory)
        #expect(closed.status == 78)
        let refusal = "config: the service's dynamic user cannot read it (chmod a+r \(directory.path)/config)"
        #expect(closed.errors.contains(refusal), "\(closed.errors)")
        #expect(try !output(directory).contains("configuration OK"))
        chmod(directory.path + "/config", 0o644)
        chmod(directory.path, 0o700)
        let directoryClosed = try await check(dynamic, directory)
        #expect(directoryClosed.status == 78)
        #expect(directoryClosed.errors.contains("(chmod a+x \(directory.path))"), "\(directoryClosed.errors)")
        chmod(directory.path, 0o755)
        let hidden = try await check(shown + "\nPrivateTmp=yes", directory)
        #expect(hidden.status == 78)
        #expect(hidden.errors.contains("hides /tmp: PrivateTmp=yes (put the file into /etc/hello)"), "\(hidden.errors)")
        let variables = try await check(shown + "\nEnvironmentFiles=/nothing (ignore_errors=no)", directory)
        #expect(variables.status == 78)
        let socket = try await check("LoadState=loaded\nId=hello.socket", directory)
        #expect(socket.status == 64)

        let bad = try await check(shown.replacing("7s", with: "never"), directory)
        #expect(bad.status == 64)
        let none = try await check("LoadState=not-found", directory)
        #expect(none.status == 71)
        #expect(none.errors.contains("hello.service"))
    }

    @Test("without a unit it says which file it read, or that there is none")
    func plain() async throws {
        let directory = try TestDirectory()
        try directory.write("", to: "config")
        let ended = try await HellodProcess(
            ["check-config", "--config", directory.path + "/config"],
            redirections: ">\(directory.path)/file"
        ).ended()
        #expect(ended.status == 0)
        #expect(try output(directory).contains("\nfile: \(directory.path)/config\n"))
        let other = try await HellodProcess(["check-config"], redirections: ">\(directory.path)/file").ended()
        #expect(other.status == 0)
        let isThere = access(schema.names.defaultFile, F_OK) == 0
        #expect(try output(directory).contains(isThere ? "\nfile: /etc/hello/hello.yaml\n" : "\nfile: none ("))
    }

    @Test(
        "--unit and settings of one's own do not go together",
        arguments: [["--log-level", "debug"], ["--config", "a"], ["--unit", "b"]]
    )
    func exclusive(options: [String]) {
        #expect(throws: (any Error).self) {
            try DaemonProgram<Hello>.parse(["check-config", "--unit", "a"] + options, schema)
        }
    }
}
