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
        for index in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - index * 4)) & 0xf
            memory[count + index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
        count += 16
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
