import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationSettingsTests {
    @Test func `no two settings share a key or a variable`() {
        let settings = schema.settings
        #expect(Set(settings.map(\.key)).count == settings.count)
        #expect(Set(settings.map(\.environmentVariable) + ["HELLO_CONFIG"]).count == settings.count + 1)
    }

    @Test func `no key is a section of another`() {
        for setting in schema.settings {
            #expect(!schema.settings.contains { $0.key.hasPrefix(setting.key + ".") })
        }
    }

    @Test(arguments: schema.settings.map(\.key))
    func `a default is within its bounds and reads back`(key: String) throws {
        let setting = try #require(schema.setting(key))
        var configuration = HelloConfiguration()
        let texts = setting.isList ? [] : [setting.defaultText]
        try setting.apply(texts, &configuration)
        #expect(configuration == HelloConfiguration())
    }

    @Test func `the defaults are those that are documented`() {
        let texts = schema.settings.map { "\($0.key)=\($0.defaultText)" }
        #expect(
            texts == [
                "listen=[]", "admin_listen=[]", "event_loops=auto", "greeting.delay=1s", "greeting.max_delay=10s",
                "aggregate.upstreams=[]", "aggregate.timeout=2s", "aggregate.deadline=5s", "aggregate.max_calls=64",
                "aggregate.max_waiting_calls=4096",
                "aggregate.max_body=1M", "limits.max_connections=auto", "limits.requests_in_work=unlimited",
                "limits.request_line=8K",
                "limits.header_section=32K",
                "limits.header_fields=100", "limits.body=64K", "limits.unread_answers=64M",
                "limits.held_content=64M",
                "timeouts.header=10s", "timeouts.request=30s",
                "timeouts.keep_alive=75s", "timeouts.write=30s", "proxies.trusted=[]", "proxies.header=none",
                "lame_duck=0s",
                "drain_timeout=30s", "idle_exit=off", "log.level=info",
                "log.format=auto", "log.access=all",
            ]
        )
        #expect(DaemonConfiguration.fallbackListen.map(\.description) == ["127.0.0.1:8080"])
    }

    /// Each setting with its lowest and highest value, and what lies just outside.
    @Test(arguments: [
        ("event_loops", ["1", "1024", "auto", "0"], ["1025", "-1", "many"]),
        ("greeting.delay", ["0", "10s"], ["-1", "3601s", "soon"]),
        ("greeting.max_delay", ["1s", "1h"], ["3601s"]),
        ("aggregate.timeout", ["1ms", "5s"], ["0", "25h"]),
        ("aggregate.deadline", ["2s", "24h"], ["0", "25h"]),
        ("aggregate.max_calls", ["1", "10000"], ["0", "10001"]),
        ("aggregate.max_waiting_calls", ["0", "1000000"], ["-1", "1000001"]),
        ("aggregate.max_body", ["1", "64M"], ["0", "65M"]),
        ("limits.max_connections", ["1", "1048576", "auto", "0"], ["1048577", "1K"]),
        ("limits.requests_in_work", ["1", "1048576", "unlimited", "0"], ["1048577", "auto"]),
        ("limits.request_line", ["256", "64K"], ["255", "65537"]),
        ("limits.header_section", ["1K", "1M"], ["1023", "1048577"]),
        ("limits.header_fields", ["8", "1000"], ["7", "1001"]),
        ("limits.body", ["0", "1G"], ["1073741825"]),
        ("limits.unread_answers", ["64K", "64G"], ["65535", "68719476737"]),
        ("limits.held_content", ["64K", "64G"], ["65535", "68719476737"]),
        ("timeouts.header", ["1ms", "30s"], ["0", "86401s"]),
        ("timeouts.request", ["10s", "24h"], ["0", "86401s"]),
        ("timeouts.keep_alive", ["1ms", "24h"], ["0", "86401s"]),
        ("timeouts.write", ["1ms", "24h"], ["0", "86401s"]),
        ("proxies.trusted", ["unix", "::1", "10.0.0.0/8"], ["localhost", "10.0.0.0/33"]),
        ("proxies.header", ["none", "forwarded", "x-forwarded-for"], ["x-real-ip"]),
        ("lame_duck", ["0", "1h"], ["3601s", "off"]),
        ("drain_timeout", ["0", "1h"], ["3601s", "off"]),
        ("idle_exit", ["off", "0", "1ms", "168h"], ["169h", "999us"]),
        ("log.level", ["trace", "critical"], ["loud", "INFO"]),
        ("log.format", ["auto", "journal", "text", "json"], ["xml"]),
        ("log.access", ["all", "errors", "off"], ["some"]),
    ])
    func `takes values within bounds and none outside`(key: String, good: [String], bad: [String]) throws {
        for text in good { #expect(problems([.set("\(key)=\(text)")]) == [], "\(text)") }
        for text in bad {
            let setting = try #require(schema.setting(key))
            let found = problems([.set("\(key)=\(text)")])
            #expect(found.count == 1 && found[0].hasPrefix("--set \(key): \"\(text)\" is "), "\(found)")
            #expect(found.first?.hasSuffix("(give \(setting.expectation))") == true, "\(found)")
        }
    }

    @Test func `a setting that takes 0 says so`() {
        for setting in schema.settings where problems([.set("\(setting.key)=0")]) == [] {
            let isSaid = setting.expectation.contains("from 0") || setting.expectation.contains("(or 0)")
            #expect(isSaid, "\(setting.key): \(setting.expectation)")
        }
    }

    @Test func `a delay longer than the longest is refused where it was given`() {
        #expect(
            problems(yaml: "greeting:\n  max_delay: 500ms\n") == [
                "hello.yaml:2: greeting.delay (1s) is longer than greeting.max_delay (500ms) "
                    + "(lower greeting.delay or raise greeting.max_delay)"
            ]
        )
    }

    @Test func `a header deadline longer than the request's is refused`() {
        let found = problems(environment: ["HELLO_TIMEOUTS_REQUEST": "5s"])
        #expect(found.count == 1 && found[0].hasPrefix("HELLO_TIMEOUTS_REQUEST: timeouts.header (10s) is longer than"))
    }

    @Test func `an address in two places is refused, but any free port is not`() {
        let both: [CommandLineSetting] = [
            .option("--listen", "listen", "[::1]:80", "127.0.0.1:0", "127.0.0.1:0"),
            .option("--admin-listen", "admin_listen", "[0::1]:80"),
        ]
        let found = problems(both)
        #expect(found.count == 1 && found[0].hasPrefix("--listen: \"[::1]:80\" is listed twice"), "\(found)")
    }

    @Test func `a network with bits behind those that count is refused, and says which may be meant`() {
        #expect(
            problems(yaml: "proxies:\n  trusted: [unix, 10.0.0.1/8]\n") == [
                "hello.yaml:2: proxies.trusted: \"10.0.0.1/8\" has bits behind those that count "
                    + "(give 10.0.0.0/8, or the address alone)"
            ]
        )
    }

    @Test func `a rule is not applied to a value that was refused`() {
        #expect(problems(yaml: "greeting: {delay: [1], max_delay: 500ms}").count == 1)
        #expect(problems(yaml: "greeting: {delay: soon, max_delay: 500ms}").count == 1)
    }
}
