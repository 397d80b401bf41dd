/// Reads the framing of `Transfer-Encoding: chunked` (RFC 9112 section 7.1), in whatever pieces it comes. Pure.
struct ChunkScanner {
    /// What comes next in the bytes given.
    enum Step: Equatable {
        /// These of them are content.
        case data(Range<Int>)
        /// They end before it is told.
        case more
        /// The content has ended, and what follows begins here.
        case ended(Int)
    }

    private enum Place {
        case size, extensions, sizeEnd, data, dataEnd
        case trailer(isEmpty: Bool)
        case trailerEnd(isEmpty: Bool)
    }

    private static let lineLimit = 65_536

    private var place = Place.size
    private var digits = 0
    private var left = 0
    private var lineOctets = 0

    /// Reads on from an index.
    mutating func next(in bytes: UnsafeRawBufferPointer, from start: Int) throws(ResponseHead.Malformed) -> Step {
        var index = start
        while index < bytes.count {
            if case .data = place, left > 0 {
                let end = min(bytes.count, index + left)
                left -= end - index
                return .data(index..<end)
            }
            let byte = bytes[index]
            index += 1
            if try read(byte) { return .ended(index) }
        }
        return .more
    }

    /// Reads an octet that is no content.
    /// - Returns: Whether it is the last one.
    private mutating func read(_ byte: UInt8) throws(ResponseHead.Malformed) -> Bool {
        lineOctets += 1
        guard lineOctets <= Self.lineLimit else { throw ResponseHead.Malformed(reason: "endless line between chunks") }
        switch (place, byte) {
        case (.size, _) where Self.value(of: byte) != nil && digits < 12:
            left = left * 16 + (Self.value(of: byte) ?? 0)
            digits += 1
        case (.size, 0x3B) where digits > 0, (.size, 0x20) where digits > 0, (.size, 0x09) where digits > 0:
            place = .extensions
        case (.size, 0x0D) where digits > 0, (.extensions, 0x0D):
            place = .sizeEnd
        case (.extensions, _) where byte != 0x0A:
            break
        case (.sizeEnd, 0x0A):
            (place, digits, lineOctets) = (left > 0 ? .data : .trailer(isEmpty: true), 0, 0)
        case (.data, 0x0D):
            place = .dataEnd
        case (.dataEnd, 0x0A):
            (place, lineOctets) = (.size, 0)
        case (.trailer(let isEmpty), 0x0D):
            place = .trailerEnd(isEmpty: isEmpty)
        case (.trailer, _) where byte != 0x0A:
            place = .trailer(isEmpty: false)
        case (.trailerEnd(isEmpty: true), 0x0A):
            return true
        case (.trailerEnd, 0x0A):
            place = .trailer(isEmpty: true)
        default:
            throw ResponseHead.Malformed(reason: "chunks")
        }
        return false
    }

    private static func value(of digit: UInt8) -> Int? {
        switch digit {
        case 0x30...0x39: Int(digit - 0x30)
        case 0x41...0x46: Int(digit - 0x41 + 10)
        case 0x61...0x66: Int(digit - 0x61 + 10)
        default: nil
        }
    }
}
