import Testing

@testable import HTTPServer

@Suite("The header of the PROXY protocol")
struct ProxyHeaderTests {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let client = ClientAddress.ipv4(address: 0xc000_0201, port: 56324)

    /// A header of version 2.
    static func binary(_ first: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [first, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xff)] + rest
    }

    static let inet: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 0, 80]
    private static let inet6: [UInt8] =
        [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 9, count: 16) + [
            0, 7, 0, 80,
        ]

    @Test(
        "version 1 is read as it is written, and nothing else is",
        arguments: [
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r\n", "192.0.2.1:56324"),
            ("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n", "[2001:db8::1]:1"),
            ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
            ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0"),
            ("PROXY UNKNOWN\r\n", "unknown"), ("PROXY UNKNOWN what ever \u{1} stands here\r\n", "unknown"),
            ("PROXY UNKNOWN \(String(repeating: "x", count: 91))\r\n", "unknown"),
            ("PROXY UNKNOWN \(String(repeating: "x", count: 92))\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80", "more"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r", "more"),
            ("", "more"), ("PRO", "more"), ("PROXY ", "more"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80 \r\n", "malformed"),
            ("PROXY TCP4  192.0.2.1 198.51.100.1 56324 80\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 65536 80\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 056 80\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 +5 80\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.01 198.51.100.1 56 80\r\n", "malformed"),
            ("PROXY TCP4 2001:db8::1 ::1 1 2\r\n", "malformed"), ("PROXY TCP6 192.0.2.1 ::1 1 2\r\n", "malformed"),
            ("PROXY TCP4 192.0.2.1 ::1 1 2\r\n", "malformed"), ("PROXY TCP4 a 198.51.100.1 1 2\r\n", "malformed"),
            ("PROXY TCP6 fe80::1%1 ::1 1 2\r\n", "malformed"), ("PROXY TCP4\r\n", "malformed"),
            ("PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n", "malformed"), ("PROXY \r\n", "malformed"),
            ("proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n", "malformed"), ("GET / HTTP/1.1\r\n\r\n", "malformed"),
            ("PROXY UNKNOWN\nGET / HTTP/1.1\r\n\r\n", "malformed"),
        ]
    )
    func lines(text: String, expected: String) {
        #expect(Self.outcome(Array(text.utf8)) == expected, "\(text)")
    }

    @Test("version 2 is read by its families, what follows the addresses is skipped, and nothing else is read")
    func binaries() {
        let cases: [([UInt8], String)] = [
            (Self.binary(0x21, 0x11, Self.inet), "192.0.2.1:56324"),
            (Self.binary(0x21, 0x12, Self.inet), "192.0.2.1:56324"),
            (Self.binary(0x21, 0x21, Self.inet6), "[2001:db8::1]:7"),
            (Self.binary(0x21, 0x31, [UInt8](repeating: 1, count: 216)), "unix"),
            // Types, lengths and values behind the addresses.
            (Self.binary(0x21, 0x11, Self.inet + [4, 0, 1, 0]), "192.0.2.1:56324"),
            (Self.binary(0x21, 0x11, Self.inet + [UInt8](repeating: 0xff, count: 4096 - 16 - 12)), "192.0.2.1:56324"),
            (Self.binary(0x21, 0x11, Self.inet + [UInt8](repeating: 0xff, count: 4097 - 16 - 12)), "malformed"),
            (Self.binary(0x20, 0, []), "unknown"), (Self.binary(0x20, 0x11, Self.inet), "unknown"),
            (Self.binary(0x20, 0xff, [1, 2, 3]), "unknown"), (Self.binary(0x21, 0, [1, 2, 3]), "unknown"),
            (Self.binary(0x21, 0x11, Self.inet.dropLast()), "malformed"),
            (Self.binary(0x21, 0x21, Self.inet6.dropLast()), "malformed"),
            (Self.binary(0x21, 0x32, [UInt8](repeating: 1, count: 215)), "malformed"),
            (Self.binary(0x11, 0x11, Self.inet), "malformed"), (Self.binary(0x22, 0x11, Self.inet), "malformed"),
            (Self.binary(0x21, 0x10, Self.inet), "malformed"), (Self.binary(0x21, 0x41, Self.inet), "malformed"),
            (Self.binary(0x21, 0x01, Self.inet), "malformed"), ([13, 10, 13, 10, 0, 13, 11], "malformed"),
            ([13, 10, 13, 10], "more"), (Self.binary(0x21, 0x11, Self.inet).dropLast(), "more"),
        ]
        for (octets, expected) in cases { #expect(Self.outcome(octets) == expected, "\(octets)") }
    }

    @Test("tells its length, however much has come behind it, and asks for more until it is whole")
    func lengths() {
        let headers = [
            Self.binary(0x21, 0x11, Self.inet + [4, 0, 1, 0]),
            Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 80\r\n".utf8),
        ]
        for header in headers {
            let result = ProxyHeader.read((header + Array("GET / HTTP/1.1\r\n\r\n".utf8)).span)
            #expect(result == .header(ProxyHeader(client: Self.client, length: header.count)))
            for count in 0..<header.count { #expect(ProxyHeader.read(Array(header.prefix(count)).span) == .needsMore) }
        }
    }

    private static func outcome(_ octets: [UInt8]) -> String {
        switch ProxyHeader.read(octets.span) {
        case .needsMore: "more"
        case .malformed: "malformed"
        case .header(let header): header.client?.description ?? "unknown"
        }
    }
}
