/// Octets that are put together for one write. Its memory is used again and again: an answer costs no allocation.
struct OutputBuffer: ~Copyable {
    /// Capacity that is kept between writes.
    private static let usualCapacity = 65536

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    private(set) var count = 0

    deinit { memory.deallocate() }

    var isEmpty: Bool { count == 0 }

    /// What was put together; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    mutating func append(_ text: StaticString) { text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) } }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (memory.baseAddress! + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends 16 hexadecimal digits.
    mutating func append(hexadecimal value: UInt64) {
        reserve(16)
        let (first, last) = (Self.digits(UInt32(value >> 32)), Self.digits(UInt32(truncatingIfNeeded: value)))
        memory.storeBytes(of: first.littleEndian, toByteOffset: count, as: UInt64.self)
        memory.storeBytes(of: last.littleEndian, toByteOffset: count + 8, as: UInt64.self)
        count += 16
    }

    /// Eight hexadecimal digits, all at once, the first one in the lowest octet: every answer has 32.
    private static func digits(_ value: UInt32) -> UInt64 {
        // Each nibble in an octet of its own.
        var octets = UInt64(value.byteSwapped)
        octets = (octets | octets << 16) & 0x0000_ffff_0000_ffff
        octets = (octets | octets << 8) & 0x00ff_00ff_00ff_00ff
        octets = (octets >> 4 & 0x000f_000f_000f_000f) | (octets & 0x000f_000f_000f_000f) << 8
        // 1 where it is 10 or more, and so a letter, which stand 0x27 behind the digits.
        let letters = (octets + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return octets + 0x3030_3030_3030_3030 + letters * 0x27
    }

    /// Empties it.
    mutating func clear() {
        count = 0
        guard memory.count > Self.usualCapacity else { return }
        memory.deallocate()
        memory = .allocate(byteCount: 4096, alignment: 16)
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > memory.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(memory.count * 2, count + more),
            alignment: 16
        )
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}
