/// `field-line = field-name ":" OWS field-value OWS` (RFC 9112 section 5).
struct FieldLine: Sendable, Equatable {
    var name: Range<Int>
    var value: Range<Int>

    /// Reads a field line from a range of octets that excludes its line ending.
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(Refusal) {
        var cursor = line.lowerBound
        if cursor < line.upperBound, bytes[cursor] == Octet.space || bytes[cursor] == Octet.tab { throw .fieldFolded }
        while cursor < line.upperBound, ByteClass.token.contains(bytes[cursor]) { cursor += 1 }
        // White space before the colon has been used to smuggle requests (RFC 9112 section 5.1).
        guard cursor > line.lowerBound, cursor < line.upperBound, bytes[cursor] == Octet.colon else {
            throw .fieldNameInvalid
        }
        name = line.lowerBound..<cursor
        let content = cursor + 1..<line.upperBound
        for index in content where !Octet.isFieldContent(bytes[index]) { throw .fieldValueInvalid }
        value = bytes.trimmed(content)
    }
}

/// Finds lines in octets that arrive in pieces. Each must end with CR LF; a bare LF or CR is refused
/// (RFC 9112 section 2.2 allows the former to be taken; intermediaries that do not would disagree with us).
struct LineScanner: Sendable {
    /// Where the line under way begins.
    private(set) var lineStart = 0
    /// How far it was looked through.
    private(set) var scanned = 0

    /// The next whole line without its ending, or nil where more octets are needed. When it throws, `scanned` is where
    /// the octet stands that makes the ending invalid.
    mutating func next(_ bytes: Span<UInt8>) throws(Refusal) -> Range<Int>? {
        var index = scanned
        let end = bytes.count
        while index < end {
            let octet = bytes[index]
            if octet == Octet.lineFeed {
                guard index > lineStart, bytes[index - 1] == Octet.carriageReturn else {
                    scanned = index
                    throw .lineEndingInvalid
                }
                let line = lineStart..<index - 1
                lineStart = index + 1
                scanned = lineStart
                return line
            }
            if octet != Octet.carriageReturn, index > lineStart, bytes[index - 1] == Octet.carriageReturn {
                scanned = index
                throw .lineEndingInvalid
            }
            index += 1
        }
        scanned = index
        return nil
    }

    /// Octets of the line under way that have arrived.
    func pending(_ bytes: Span<UInt8>) -> Int { bytes.count - lineStart }
}
