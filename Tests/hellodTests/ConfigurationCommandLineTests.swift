import ArgumentParser
import Greeting
import JournalLogging
import Logging
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationCommandLineTests {
    private func serve(_ arguments: String...) throws -> ConfigurationOptions {
        try #require(try DaemonProgram<Hello>.parse(arguments, schema) as? Serve<Hello>).options
    }

    @Test func `serve is what hellod does when told nothing`() throws {
        #expect(try serve().settings == [])
        #expect(try serve("--log-level", "debug").settings == serve("serve", "--log-level", "debug").settings)
    }

    @Test(arguments: [
        "--log-level", "--log-format", "--log-access", "--greeting-delay", "--drain-timeout", "--idle-exit",
    ])
    func `an option that is given twice is refused, as a repeated --set is`(option: String) throws {
        let value = ["--log-level": "debug", "--log-format": "json", "--log-access": "off"][option] ?? "1s"
        let found = problems(try serve(option, value, option, value).settings)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(option): ") == true)
        #expect(found.first?.contains("is given twice (give it once)") == true)
    }

    @Test func `a file or a flag that is given twice is refused`() {
        #expect(throws: (any Error).self) { try serve("--config", "a", "--config", "a") }
        #expect(throws: (any Error).self) {
            try DaemonProgram<Hello>.parse(["check-config", "--print-defaults", "--print-defaults"], schema)
        }
    }

    @Test func `every option gives the setting it is named for`() throws {
        let options = try serve(
            "--config",
            "f",
            "--listen",
            "[::1]:80",
            "--listen",
            "unix:/a",
            "--admin-listen",
            "127.0.0.1:1",
            "--log-level",
            "debug",
            "--log-format",
            "json",
            "--log-access",
            "off",
            "--greeting-delay",
            "2ms",
            "--drain-timeout",
            "3s",
            "--idle-exit",
            "4s",
            "--set",
            "limits.body=1K",
            "--set",
            "event_loops=2"
        )
        #expect(options.config == ["f"])
        let configuration = try ConfigurationSources(commandLine: options.settings).load(schema).configuration
        var expected = HelloConfiguration()
        expected.listen = [.ipv6(host: "::1", port: 80), .unix(path: "/a")]
        expected.adminListen = [.ipv4(host: "127.0.0.1", port: 1)]
        expected.log = .init(level: .debug, format: .json, access: .off)
        expected.greeting.delay = .milliseconds(2)
        expected.drainTimeout = .seconds(3)
        expected.idleExit = .seconds(4)
        expected.limits.body = 1024
        expected.eventLoops = 2
        #expect(configuration == expected)
        #expect(
            options.settings.map(\.option) == [
                "--listen", "--admin-listen", "--log-level", "--log-format", "--log-access", "--drain-timeout",
                "--idle-exit", "--greeting-delay", "--set", "--set",
            ]
        )
    }

    @Test func `a bad value on the command line is told as the settings tell it`() throws {
        #expect(
            problems(try serve("--greeting-delay=-1").settings) == [
                "--greeting-delay: \"-1\" is not a duration "
                    + "(give a duration from 0s to 1h, such as 250ms, 1s or 2min)"
            ]
        )
    }

    @Test(
        arguments: [
            (["--port", "9000"], "give --listen 127.0.0.1:9000"),
            (["serve", "--port=9000"], "give --listen 127.0.0.1:9000"),
            (["--port"], "give --listen 127.0.0.1:PORT"), (["check-config", "hello.yaml"], "give --config hello.yaml"),
            (["serve", "extra"], nil), (["check-config", "a", "b"], nil), (["--bogus"], nil),
        ] as [([String], String?)]
    )
    func `what is likely to be given has advice`(arguments: [String], advice: String?) throws {
        let error = #expect(throws: (any Error).self) { try DaemonProgram<Hello>.parse(arguments, schema) }
        let message = DaemonProgram<Hello>.message(for: try #require(error))
        #expect(CommandLineAdvice(message, arguments)?.text == advice, "\(message)")
    }

    @Test(arguments: [
        ("--config", "_add_completions -f"), ("--log-level", "warning"), ("--log-format", "journal"),
        ("--log-access", "no_probes"), ("--unit", "hello.service"), ("--program", "_add_completions -f"),
    ])
    func `values of options are completed`(option: String, completion: String) {
        let lines = DaemonProgram<Hello>.completionScript(for: .bash).split(separator: "\n").map(String.init)
        let first = lines.firstIndex { $0.hasSuffix("'\(option)')") }
        let found = first.map { lines[$0...].prefix { !$0.hasSuffix(";;") }.joined(separator: "\n") } ?? ""
        #expect(found.contains(completion), "\(found)")
    }

    @Test(arguments: [
        ["--bogus"], ["frob"], ["--listen"], ["reload"], ["reload", "x"], ["reload", "1"], ["reload", "-5"],
        ["check-config", "extra"],
    ])
    func `a wrong command line is a usage error`(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try DaemonProgram<Hello>.parse(arguments, schema) }
        #expect(error.map { DaemonProgram<Hello>.exitCode(for: $0).rawValue } == ExitStatus.usage.rawValue)
    }
}
