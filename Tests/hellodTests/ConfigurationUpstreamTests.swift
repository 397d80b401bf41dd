import Greeting
import Testing

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
        ("a b=http://b", "cannot name"), ("a=http://", "not a URL"), ("a=http://:80/", "not a URL"),
        ("a=http://u:p@b/", "credentials"), ("a=http://b/#c", "not a URL"), ("a=http://b/ c", "not a URL"),
        ("a=http://b,a=http://c", "named twice"),
    ])
    func `an upstream that could never be called is a problem`(text: String, says: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try load(environment: ["HELLO_AGGREGATE_UPSTREAMS": text])
        }
        #expect(error?.problems.first?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test func `what one may take is no longer than what all may take`() {
        #expect(throws: ConfigurationError.self) { try load(yaml: "aggregate:\n  timeout: 6s\n") }
    }
}
