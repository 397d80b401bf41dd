import Greeting
import Testing

@testable import Upstreams

@Suite("Where upstreams are called")
struct UpstreamAddressTests {
    @Test(
        "an address is host and port, without what is asked there",
        arguments: [
            ("http://a", "a:80"), ("https://a/b?c=secret", "a:443"), ("http://a:8080?d", "a:8080"),
            ("http://[::1]/", "[::1]:80"), ("https://[::1]:9/", "[::1]:9"),
        ]
    )
    func addresses(url: String, address: String) throws {
        try HTTPUpstreamClient.check(url)
        #expect(Upstream(name: "a", url: url).address == address)
    }
}
