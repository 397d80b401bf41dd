public import Logging

/// The 128-bit identifier of one kind of event, as systemd's message catalogue knows it.
///
/// It is written to the journal as `MESSAGE_ID=` in 32 lower-case hexadecimal digits, so that
/// `journalctl MESSAGE_ID=…` finds every entry of that kind and `journalctl -x` explains it
/// (systemd.journal-fields(7), "Journal Message Catalogs"). Make a new one with `systemd-id128 new`.
public struct MessageID: Sendable, Hashable {
    /// The first 16 digits.
    public let high: UInt64
    /// The last 16 digits.
    public let low: UInt64

    /// An identifier from its two halves; being hexadecimal literals, they cannot be malformed:
    /// `MessageID(0xd3f0d9ee18354309, 0x89c64a067bd0d16a)`.
    public init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An identifier from exactly 32 hexadecimal digits of either case, or nil.
    public init?(_ digits: String) {
        guard digits.utf8.count == 32, digits.utf8.allSatisfy({ $0.isHexadecimalDigit }),
            let high = UInt64(digits.prefix(16), radix: 16), let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high, low)
    }

    /// The metadata key under which the handler looks for an identifier.
    public static let metadataKey = "message.id"
}

extension MessageID: CustomStringConvertible {
    /// The 32 lower-case hexadecimal digits.
    public var description: String {
        let (high, low) = (String(self.high, radix: 16), String(self.low, radix: 16))
        return String(repeating: "0", count: 16 - high.count) + high
            + String(repeating: "0", count: 16 - low.count) + low
    }
}

extension Logger.MetadataValue {
    /// The value for ``MessageID/metadataKey``: `metadata: [MessageID.metadataKey: .messageID(id)]`.
    public static func messageID(_ id: MessageID) -> Logger.MetadataValue { .stringConvertible(id) }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
