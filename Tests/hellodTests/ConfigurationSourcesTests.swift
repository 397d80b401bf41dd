import Greeting
import Logging
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationSourcesTests {
    @Test func `with no sources, everything is at its default`() throws {
        let loaded = try load()
        #expect(loaded.configuration == HelloConfiguration())
        #expect(loaded.warnings.isEmpty)
        #expect(Set(loaded.origins.keys) == Set(schema.settings.map(\.key)))
        #expect(loaded.origins.values.allSatisfy { $0 == "default" })
    }

    @Test func `later sources win, and it is known which did`() throws {
        let loaded = try load(
            yaml: "greeting: {delay: 1ms, max_delay: 2s}\nlog.level: debug\ndrain_timeout: 1s",
            environment: ["HELLO_GREETING_DELAY": "2ms", "HELLO_LOG_LEVEL": "error"],
            .option("--greeting-delay", "greeting.delay", "3ms"),
            .set("limits.body=1K")
        )
        #expect(loaded.configuration.greeting.delay == .milliseconds(3))
        #expect(loaded.configuration.log.level == .error)
        #expect(loaded.configuration.drainTimeout == .seconds(1))
        #expect(loaded.configuration.limits.body == 1024)
        #expect(loaded.origins["greeting.delay"] == "--greeting-delay")
        #expect(loaded.origins["log.level"] == "HELLO_LOG_LEVEL")
        #expect(loaded.origins["drain_timeout"] == "hello.yaml:3")
        #expect(loaded.origins["limits.body"] == "--set limits.body")
    }

    /// A value for each setting that is not its default.
    static let others = [
        "listen": "127.0.0.1:1, [::1]:2", "admin_listen": "unix:/a", "event_loops": "3", "greeting.delay": "2s",
        "greeting.max_delay": "11s", "aggregate.upstreams": "a=http://b/c?d=e, f=https://g",
        "aggregate.timeout": "1s", "aggregate.deadline": "4s", "aggregate.max_calls": "3", "aggregate.max_body": "2K",
        "limits.max_connections": "7", "limits.request_line": "1K",
        "limits.header_section": "2K", "limits.header_fields": "50", "limits.body": "3K", "limits.unread_answers": "1M",
        "limits.held_content": "2M",
        "aggregate.max_waiting_calls": "17",
        "limits.requests_in_work": "5", "lame_duck": "3s",
        "proxies.trusted": "192.0.2.0/24, unix", "proxies.header": "forwarded",
        "timeouts.header": "9s",
        "timeouts.request": "31s", "timeouts.keep_alive": "5s", "timeouts.write": "6s", "drain_timeout": "7s",
        "idle_exit": "8s", "log.level": "debug", "log.format": "json", "log.access": "errors",
    ]

    @Test(arguments: schema.settings.map(\.key))
    func `every setting can be set from every source`(key: String) throws {
        let setting = try #require(schema.setting(key))
        let text = try #require(Self.others[key])
        let yaml = try load(
            yaml: "\(key): \(setting.isList ? "[\(text.replacing("[::1]:2", with: "'[::1]:2'"))]" : text)"
        )
        let environment = try load(environment: [setting.environmentVariable: text])
        let commandLine = try load(.set("\(key)=\(text)"))
        #expect(setting.text(yaml.configuration) == text)
        #expect(yaml.configuration == environment.configuration)
        #expect(yaml.configuration == commandLine.configuration)
        #expect(yaml.configuration != HelloConfiguration())
        #expect(yaml.origins[key] == "hello.yaml:1")
        #expect(environment.origins[key] == setting.environmentVariable)
    }

    @Test func `an empty variable empties a list, and is no value for anything else`() throws {
        #expect(try load(yaml: "listen: '[::1]:80'", environment: ["HELLO_LISTEN": ""]).configuration.listen == [])
        let found = problems(environment: ["HELLO_GREETING_DELAY": ""])
        #expect(found.count == 1 && found[0].hasPrefix("HELLO_GREETING_DELAY: greeting.delay: the value is empty"))
    }

    @Test func `variables that are not settings are warned about, and others ignored`() throws {
        let loaded = try load(
            environment: [
                "HELLO_CONFIG": "x", "HELLO_GREETING_DELYA": "1", "HELLO_PORT": "tcp://10.0.0.1:80",
                "HELLO_\u{1B}[m": "",
                "hello_listen": "x", "HELLO": "x", "PATH": "/bin",
            ]
        )
        #expect(
            loaded.warnings == [
                "HELLO_\\u{1b}[m: no such setting, ignored",
                "HELLO_GREETING_DELYA: no such setting, ignored (did you mean HELLO_GREETING_DELAY?)",
                "HELLO_PORT: no such setting, ignored",
            ]
        )
        #expect(loaded.configuration == HelloConfiguration())
    }

    @Test func `problems of all sources come together, and the command line makes it a usage error`() {
        let error = #expect(throws: ConfigurationError.self) {
            try load(
                yaml: "log.level: loud\nnothing: 1",
                environment: ["HELLO_LOG_LEVEL": "shrill"],
                .option("--log-level", "log.level", "mute")
            )
        }
        #expect(error?.problems.count == 4)
        #expect(error?.exitStatus == .usage)
    }

    @Test func `a bad value is an error also where a good one overrides it`() {
        #expect(problems(yaml: "log.level: loud", [.option("--log-level", "log.level", "info")]).count == 1)
    }

    @Test func `file and environment problems are configuration errors`() {
        #expect(throws: ConfigurationError(problems: [.init(origin: "f", message: "m", status: .configuration)])) {
            try ConfigurationSources(file: .unusable(.init(origin: "f", message: "m"))).load(schema)
        }
        let error = #expect(throws: ConfigurationError.self) { try load(environment: ["HELLO_LOG_LEVEL": "x"]) }
        #expect(error?.exitStatus == .configuration)
    }

    @Test(arguments: [
        (["log.level"], "--set: \"log.level\" has no \"=\" (write --set key=value)"),
        (["=x"], "--set: there is no setting \"\" (`hellod check-config --print-defaults` lists all settings)"),
        (["log.levle=info"], "--set: there is no setting \"log.levle\" (did you mean log.level?)"),
        (["log.level="], "--set log.level: the value is empty (give trace, debug,"),
        (["idle_exit=1", "idle_exit=2"], "--set idle_exit: idle_exit is given twice (give it once)"),
        (["log.level=a=b\n"], #"--set log.level: "a=b\n" is not a known word"#),
    ])
    func `says what is wrong with an assignment`(assignments: [String], expected: String) {
        let found = problems(assignments.map(CommandLineSetting.set))
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test func `an option and an assignment of the same setting are one too many`() {
        let found = problems([.option("--log-level", "log.level", "info"), .set("log.level=debug")])
        #expect(found == ["--set log.level: log.level is given twice (also by --log-level; give it once)"])
    }

    @Test func `values in messages are bounded and on one line`() {
        let found = problems(environment: ["HELLO_LOG_LEVEL": String(repeating: "\n\u{1B}", count: 100_000)])
        #expect(found.count == 1 && found[0].count < 1000 && !found[0].contains("\n") && !found[0].contains("\u{1B}"))
    }
}
