import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationUpstreamTests {
    private let two = [
        Upstream(name: "users", url: "https://users.example.org/status?a=b"),
        Upstream(name: "orders-2", url: "http://[::1]:9000"),
    ]

    @Test func `upstreams are a mapping, a list, or a variable`() throws {
        let mapping = "aggregate:\n  upstreams:\n    users: \(two[0].url)\n    orders-2: \(two[1].url)\n"
        let list = "aggregate:\n  upstreams:\n    - users=\(two[0].url)\n    - orders-2=\(two[1].url)\n"
        let text = two.map { "\($0.name)=\($0.url)" }.joined(separator: ",")
        #expect(try load(yaml: mapping).configuration.aggregate.upstreams == two)
        #expect(try load(yaml: list).configuration.aggregate.upstreams == two)
        #expect(try load(environment: ["HELLO_AGGREGATE_UPSTREAMS": text]).configuration.aggregate.upstreams == two)
        #expect(try load(yaml: "aggregate:\n  upstreams:\n").configuration.aggregate.upstreams.isEmpty)
    }

    @Test(arguments: [
        ("a", "has no \"=\""), ("a=b", "not a URL"), ("a=ftp://b", "not a URL"), ("=http://b", "cannot name"),
        ("a b=http://b", "cannot name"), ("a=http://", "no host"), ("a=http://:80/", "no host"),
        ("a=http://u:p@b/", "credentials"), ("a=http://b/#c", "fragment"), ("a=http://b/ c", "no URL has"),
        ("a=http://b,a=http://c", "named twice"),
        ("a=http://127.0.0.1:80800/", "no valid port"), ("a=http://b:0", "no valid port"),
        ("a=http://b:", "no valid port"),
        ("a=http://b:65536", "no valid port"), ("a=http://b:-1", "no valid port"),
        ("a=http://b:80:90", "no valid port"),
        ("a=http://b:99999999999999999999", "no valid port"), ("a=http://b:+8", "no valid port"),
        ("a=http://[::1]:80800", "no valid port"), ("a=http://[::1]8080", "no valid port"),
        ("a=http://]/", "no valid host"), ("a=http://[::1/", "closing bracket"), ("a=http://[]/", "IPv6"),
        ("a=http://[::1::]/", "IPv6"), ("a=http://[fe80::1%25lo]/", "IPv6"), ("a=http://[1.2.3.4]/", "IPv6"),
        ("a=http://[v1.a]/", "IPv6"), ("a=http://256.1.1.1/", "IPv4"), ("a=http://1.2.3/", "IPv4"),
        ("a=http://0x7f000001/", "IPv4"), ("a=http://1.2.3.4./", "IPv4"), ("a=http://b..c/", "no valid host"),
        ("a=http://.b/", "no valid host"), ("a=http://-b/", "no valid host"), ("a=http://b%41/", "no valid host"),
        ("a=http://b\\c/", "no valid host"), ("a=http://?a", "no host"), ("a=http:///a", "no host"),
        ("a=https://:443/", "no host"), ("a=http://b/%", "hexadecimal"), ("a=http://b/%4", "hexadecimal"),
        ("a=http://b/?%zz", "hexadecimal"), ("a=http://b/[", "no URL has"), ("a=http://b/\"", "no URL has"),
        ("a=http://b/\u{e9}", "no URL has"), ("a=http://b\u{e9}/", "no valid host"), ("a=http://u@/", "credentials"),
        ("a=http://\(String(repeating: "a", count: 64)).org", "no valid host"),
        ("a=http://\(String(repeating: "a.", count: 127))org", "no valid host"),
    ])
    func `an upstream that could never be called is a problem`(text: String, says: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try load(environment: ["HELLO_AGGREGATE_UPSTREAMS": text])
        }
        #expect(error?.problems.first?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        "http://b", "http://b:1", "https://b:65535/", "http://127.0.0.1:8080/a?b=c&d", "http://[::1]",
        "http://[::1]:9000/",
        "http://[::ffff:1.2.3.4]/", "http://xn--bcher-kva.example.", "http://a_b.c/~x/%20;y=1/?q=%C3%A9", "http://b?c",
        "http://1a.2b/",
    ])
    func `an upstream that can be called is not`(url: String) throws {
        #expect(
            try load(yaml: "aggregate:\n  upstreams:\n    - \"a=\(url)\"").configuration.aggregate.upstreams[0].url
                == url
        )
    }

    @Test func `there is room for the calls of one request`() throws {
        let upstreams = "aggregate.upstreams=a=http://a,b=http://b,c=http://c"
        #expect(throws: ConfigurationError.self) {
            try load(.set(upstreams), .set("aggregate.max_calls=1"), .set("aggregate.max_waiting_calls=1"))
        }
        _ = try load(.set(upstreams), .set("aggregate.max_calls=1"), .set("aggregate.max_waiting_calls=2"))
    }

    @Test func `what one may take is no longer than what all may take`() {
        #expect(throws: ConfigurationError.self) { try load(yaml: "aggregate:\n  timeout: 6s\n") }
    }
}
