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
        EnvironmentFiles=/etc/default/closed (ignore_errors=no)
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
            path == "/etc/default/hello"
                ? "# a comment\nHELLO_GREETING_DELAY=\"1 s\"\n\n HELLO_LOG_LEVEL = info\n" : nil
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
        #expect(view.arguments == ["serve", "--log-level", "debug"])
        #expect(view.hasDynamicUser)
        #expect(view.warnings.count == 2)
        #expect(view.warnings.contains { $0.contains("/etc/default/closed") })
        #expect(view.warnings.contains { $0.contains("systemctl daemon-reload") })
    }

    @Test("is none where there is no such unit")
    func notFound() {
        #expect(throws: ServiceView.Problem.self) {
            try ServiceView("LoadState=not-found\n", unit: "nope.service") { _ in nil }
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

    @Test("check-config goes by the unit and not by its own environment, names each source, and warns")
    func command() async throws {
        let directory = try TestDirectory()
        try directory.write("greeting:\n  max_delay: 20s\n", to: "config")
        chmod(directory.path, 0o755)
        chmod(directory.path + "/config", 0o600)
        let shown = """
            LoadState=loaded
            FragmentPath=/lib/hello.service
            DropInPaths=/etc/a.conf
            Environment=HELLO_CONFIG=\(directory.path)/config HELLO_PORT=1
            ExecStart={ path=/bin/hellod ; argv[]=/bin/hellod serve --drain-timeout 7s ; ignore_errors=no ; pid=0 }
            DynamicUser=yes
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
        #expect(ended.errors.contains("warning: \(directory.path)/config: the service's dynamic user cannot read it"))
        #expect(ended.errors.contains("warning: HELLO_PORT"))

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
