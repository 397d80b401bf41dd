import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationYAMLTests {
    @Test(arguments: [
        "", "\n\n", "# only a comment", "---\n", "{}", "~", "greeting:\n", "greeting:\nlog: ~\nlimits: {}\n",
        "listen:\n",
        "\u{FEFF}# with a byte order mark\n", "# CRLF\r\ngreeting:\r\n",
    ])
    func `a file that sets nothing is fine`(yaml: String) throws {
        #expect(try load(yaml: yaml).configuration == HelloConfiguration())
    }

    @Test func `reads sections, dotted keys, lists and quotes`() throws {
        let loaded = try load(
            yaml: """
                # A comment.
                listen:
                  - 127.0.0.1:80   # another
                  - "[::1]:80"
                admin_listen: 127.0.0.1:9090, unix:/run/admin
                greeting: { delay: '250ms', max_delay: 2 }
                limits.body: 1M
                log:
                  access: off
                """
        )
        let configuration = loaded.configuration
        #expect(configuration.listen == [.ipv4(host: "127.0.0.1", port: 80), .ipv6(host: "::1", port: 80)])
        #expect(configuration.adminListen.map(\.description) == ["127.0.0.1:9090", "unix:/run/admin"])
        #expect(configuration.greeting.delay == .milliseconds(250))
        #expect(configuration.greeting.maximumDelay == .seconds(2))
        #expect(configuration.limits.body == 1_048_576)
        #expect(configuration.log.access == .off)
        #expect(loaded.origins["listen"] == "hello.yaml:2")
        #expect(loaded.origins["greeting.max_delay"] == "hello.yaml:6")
        #expect(loaded.origins["log.access"] == "hello.yaml:9")
        #expect(loaded.origins["log.level"] == "default")
        #expect(loaded.warnings.isEmpty)
    }

    @Test(arguments: [
        ("gretting:\n  delay: 1s", ["hello.yaml:1: there is no setting \"gretting\" (`hellod check-config"]),
        (
            "greeting:\n  dealy: 1s",
            ["hello.yaml:2: there is no setting \"greeting.dealy\" (did you mean greeting.delay?)"]
        ),
        ("max_delay: 1s", ["hello.yaml:1: there is no setting \"max_delay\" (did you mean greeting.max_delay?)"]),
        (
            "greeting: 1s",
            ["hello.yaml:1: greeting is a section and has no value of its own (below it, indented: delay, max_delay)"]
        ),
        ("greeting: [1s]", ["hello.yaml:1: greeting is a section"]),
        ("greeting:\n  delay:", ["hello.yaml:2: greeting.delay has no value (give a duration from"]),
        ("greeting:\n  delay: ''", ["hello.yaml:2: greeting.delay: the value is empty (give a duration from"]),
        ("greeting:\n  delay: true", ["hello.yaml:2: greeting.delay: \"true\" is not a duration"]),
        ("greeting:\n  delay: .inf", ["hello.yaml:2: greeting.delay: \".inf\" is not a duration"]),
        ("greeting:\n  delay: [1s]", ["hello.yaml:2: greeting.delay takes one value, not a list"]),
        ("greeting:\n  delay: {a: 1}", ["hello.yaml:2: greeting.delay takes a value, not a section"]),
        ("listen: {a: 1}", ["hello.yaml:1: listen takes a value, not a section"]),
        ("listen: [[a]]", ["hello.yaml:1: listen has an element that is no plain text"]),
        ("listen:\n  -\n", ["hello.yaml:1: listen has an element that is no plain text"]),
        ("listen: ['']\nevent_loops: x", ["hello.yaml:2: event_loops"]),
        ("listen: ['', '']", ["hello.yaml:1: listen: an address is empty"]),
        ("[a]: 1", ["hello.yaml:1: a setting's name must be plain text"]),
        ("- a", ["hello.yaml:1: the file holds no settings (write them as `name: value`"]),
        ("just text", ["hello.yaml:1: the file holds no settings"]),
        ("# one\ngreeting:\n\tdelay: 1s", ["hello.yaml:3: a tab is not allowed for indentation (indent with spaces)"]),
        ("greeting:\n  delay: 1s\n \tmax_delay: 2s", ["hello.yaml:3: a tab is not allowed for indentation"]),
        ("greeting: {", ["hello.yaml:1: not valid YAML: "]),
        ("a: b: c", ["hello.yaml:1: not valid YAML: "]),
        ("listen: *nowhere", ["hello.yaml:1: not valid YAML: found undefined alias"]),
        (
            "idle_exit: 1\nidle_exit: 2",
            ["hello.yaml:2: \"idle_exit\" is given more than once (lines 1, 2) (give it once)"]
        ),
        (
            "limits.body: 1\nlimits:\n  body: 1",
            ["hello.yaml:3: limits.body is given twice (also at hello.yaml:1; give it once)"]
        ),
        (
            String(repeating: "idle_exit: 1\n", count: 20000),
            [
                "hello.yaml:20000: \"idle_exit\" is given more than once (lines 1, 2, 3, 4, 5 and 19995 more) "
                    + "(give it once)"
            ]
        ),
        ("# one\nlog:\n  level: !loud debug", ["hello.yaml:3: the tag \"!loud\" is not known here (remove it)"]),
        ("log: !section\n  level: debug", ["hello.yaml:1: the tag \"!section\" is not known here"]),
        ("listen: !!set [a]", ["hello.yaml:1: the tag \"tag:yaml.org,2002:set\" is not known here"]),
        ("!!map listen: a", ["hello.yaml:1: the tag \"tag:yaml.org,2002:map\" is not known here"]),
        ("idle_exit: !!str ~", ["hello.yaml:1: idle_exit: \"~\" is not a duration"]),
        ("idle_exit: 1\n---\nidle_exit: 2", ["hello.yaml:2: a second document begins here"]),
        ("# ok\nlog:\n  level: \u{1}", ["hello.yaml:3: not readable as text: control characters are not allowed"]),
        ("\"a\\nb\": 1", ["hello.yaml:1: there is no setting \"a\\nb\""]),
        ("<<: {delay: 1}", ["hello.yaml:1: there is no setting \"<<\""]),
    ])
    func `says where a file is wrong and what to do`(yaml: String, expected: [String]) {
        let found = problems(yaml: yaml)
        #expect(found.count == expected.count, "\(found)")
        for (line, prefix) in zip(found, expected) { #expect(line.hasPrefix(prefix), "\(line)") }
        #expect(found.allSatisfy { !$0.contains("\n") })
    }

    @Test func `reports every problem of a file at once`() {
        let found = problems(
            yaml: "a: 1\ngreeting:\n  delay: soon\n  b: 2\nlog:\n  level: loud\nlisten: localhost:80\n"
        )
        #expect(found.count == 5, "\(found)")
    }

    @Test func `a file of another kind is given up on after some problems`() {
        #expect(problems(yaml: (0..<1000).map { "k\($0): 1" }.joined(separator: "\n")).count == 50)
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
        String(repeating: "{a: ", count: 100_000), "a: " + String(repeating: "&x ", count: 10_000),
        "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nlisten: *c",
    ])
    func `hostile nesting is an error and no crash`(yaml: String) {
        #expect(!problems(yaml: yaml).isEmpty)
    }
}
