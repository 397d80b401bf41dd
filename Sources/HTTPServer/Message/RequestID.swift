/// Names one request: the caller's own name for it, or 128 random bits.
public enum RequestID: Sendable, Equatable, CustomStringConvertible {
    /// What the caller sent as `X-Request-ID`: a token of at most 128 characters.
    case caller(String)
    /// A new one, written as 32 hexadecimal digits.
    case generated(high: UInt64, low: UInt64)

    /// The identifier as it stands in headers and in the journal.
    public var description: String {
        switch self {
        case .caller(let token): token
        case .generated(let high, let low):
            String(unsafeUninitializedCapacity: 32) { digits in
                for (half, value) in [high, low].enumerated() {
                    for index in 0..<16 {
                        digits[half * 16 + index] = Self.hexDigit(
                            UInt8(truncatingIfNeeded: value >> UInt64(60 - index * 4)) & 0xf
                        )
                    }
                }
                return 32
            }
        }
    }

    func write(into buffer: inout OutputBuffer) {
        switch self {
        case .caller(let token):
            buffer.append(token)
        case .generated(let high, let low):
            buffer.append(hexadecimal: high)
            buffer.append(hexadecimal: low)
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}

/// Makes request identifiers without a system call each: unique, but no secret (SplitMix64, seeded by the system).
struct RequestIDGenerator {
    private var state: UInt64
    private let prefix: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
        prefix = system.next()
    }

    mutating func next() -> RequestID {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return .generated(high: prefix, low: mixed ^ (mixed >> 31))
    }
}
