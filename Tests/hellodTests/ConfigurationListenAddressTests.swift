import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", ListenAddress.ipv4(host: "127.0.0.1", port: 8080)),
        ("0.0.0.0:0", .ipv4(host: "0.0.0.0", port: 0)),
        ("1.2.3.4:65535", .ipv4(host: "1.2.3.4", port: 65535)),
        ("[::1]:8080", .ipv6(host: "::1", port: 8080)),
        ("[::]:80", .ipv6(host: "::", port: 80)),
        ("[2001:db8::7]:443", .ipv6(host: "2001:db8::7", port: 443)),
        ("unix:/run/hello/hello.sock", .unix(path: "/run/hello/hello.sock")),
        ("unix:/run/with space:colon", .unix(path: "/run/with space:colon")),
        ("unix:/" + String(repeating: "x", count: 106), .unix(path: "/" + String(repeating: "x", count: 106))),
    ])
    func `reads an address and writes it back`(text: String, expected: ListenAddress) throws {
        let address = try ListenAddress(text)
        #expect(address == expected)
        #expect(address.description == text)
    }

    @Test(arguments: ["[0:0:0:0:0:0:0:1]:80", "[0000::0001]:80", "[::0.0.0.1]:80"])
    func `writes equal IPv6 addresses alike`(text: String) throws {
        #expect(try ListenAddress(text).description == "[::1]:80")
    }

    @Test(arguments: [
        ("", "an address is empty"),
        ("localhost:8080", "is a host name"),
        ("localhost", "is a host name"),
        ("example.com:80", "is not an IPv4 address"),
        ("8080", "has no address"),
        (":8080", "has no address"),
        ("*:8080", "has no address"),
        ("127.0.0.1", "has no port"),
        ("127.0.0.1:", "has no port"),
        ("127.0.0.1:65536", "has no valid port"),
        ("127.0.0.1:-1", "has no valid port"),
        ("127.0.0.1:+80", "has no valid port"),
        ("127.0.0.1:80 ", "has no valid port"),
        ("127.0.0.1:http", "has no valid port"),
        ("127.1:80", "is not an IPv4 address"),
        ("0x7f.0.0.1:80", "is not an IPv4 address"),
        ("256.0.0.1:80", "is not an IPv4 address"),
        ("127.0.0.1\u{0}x:80", "is not an IPv4 address"),
        ("::1:8080", "without brackets"),
        ("[::1:8080", "has no closing bracket"),
        ("[::1]", "has no port"),
        ("[::1]8080", "has no port"),
        ("[127.0.0.1]:80", "has no valid IPv6 address"),
        ("[]:80", "has no valid IPv6 address"),
        ("[fe80::1%eth0]:80", "has a zone"),
        ("/run/hello.sock", "has no scheme"),
        ("unix:", "has no absolute path"),
        ("unix:run/hello.sock", "has no absolute path"),
        ("unix:/", "names a directory"),
        ("unix:/run/hello/", "names a directory"),
        ("unix:/run/a\u{0}b", "control character"),
        ("unix:/run/a,b", "comma"),
        ("unix:/" + String(repeating: "x", count: 107), "has a path of 108 bytes"),
    ])
    func `refuses a bad address, and says what is wrong`(text: String, expected: String) {
        let error = #expect(throws: SettingValueError.self) { try ListenAddress(text) }
        #expect(error?.problem.contains(expected) == true, "\(error as Any)")
        #expect(error?.remedy?.isEmpty == false)
    }
}
