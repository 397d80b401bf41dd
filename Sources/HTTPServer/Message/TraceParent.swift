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

extension TraceParent: CustomStringConvertible {
    /// The trace context for a call of our own: a new span in the caller's trace, or in a new one.
    ///
    /// A new trace is named like the request where that is 128 random bits, so that the journal's entry leads to it.
    ///
    /// - Parameters:
    ///   - value: The caller's `traceparent`, if it sent one; one that is not valid counts as none (section 3.2.2.5).
    ///   - id: The request's identifier.
    public init(continuing value: String?, id: RequestID) {
        var random = SystemRandomNumberGenerator()
        let parentID = Self.hex(random.next() | 1)
        if let caller = value.flatMap({ TraceParent($0) }) {
            // Of the flags only `sampled` has a meaning in version 00; others must not be passed on.
            let isSampled = (UInt8(caller.flags, radix: 16) ?? 0) & 1 == 1
            self.init(traceID: caller.traceID, parentID: parentID, flags: isSampled ? "01" : "00")
        } else if case .generated = id {
            self.init(traceID: id.description, parentID: parentID, flags: "00")
        } else {
            self.init(traceID: Self.hex(random.next() | 1) + Self.hex(random.next()), parentID: parentID, flags: "00")
        }
    }

    private init(traceID: String, parentID: String, flags: String) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }

    /// The field's value, in version 00.
    public var description: String { "00-\(traceID)-\(parentID)-\(flags)" }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
