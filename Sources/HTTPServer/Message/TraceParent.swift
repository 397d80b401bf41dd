/// A valid `traceparent` field (W3C Trace Context, section 3.2).
public struct TraceParent: Sendable, Equatable {
    /// The trace: 32 hexadecimal digits in lower case, not all zero.
    public let traceID: String
    /// The caller's span: 16 hexadecimal digits in lower case, not all zero.
    public let parentID: String
    /// The flags: two hexadecimal digits.
    public let flags: String

    /// Reads a field value, or returns nil if it is not valid.
    public init?(_ value: String) {
        let parts = value.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), Self.isHex(parts[1], 32), Self.isHex(parts[2], 16),
            Self.isHex(parts[3], 2), !parts[0].elementsEqual("ff".utf8)
        else { return nil }
        // Version 00 has four parts; later ones may have more behind them.
        if parts[0].elementsEqual("00".utf8), parts.count != 4 { return nil }
        let zero = UInt8(ascii: "0")
        guard parts[1].contains(where: { $0 != zero }), parts[2].contains(where: { $0 != zero }) else { return nil }
        traceID = String(decoding: parts[1], as: UTF8.self)
        parentID = String(decoding: parts[2], as: UTF8.self)
        flags = String(decoding: parts[3], as: UTF8.self)
    }

    private static func isHex(_ text: Substring.UTF8View, _ count: Int) -> Bool {
        text.count == count && text.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
