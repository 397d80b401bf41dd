/// Follows a chunked body (RFC 9112 section 7.1) to its end. The content is counted, and gathered or thrown away.
struct ChunkedBody: Sendable {
    enum State {
        case sizeFirstDigit
        case size
        case extension_(Extension)
        case sizeLineFeed
        case data(Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailer
    }

    /// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 section 7.1.1).
    enum Extension: UInt8 {
        case beforeSemicolon, beforeName, name, afterName, beforeValue, token, quoted, escaped, afterValue
    }

    /// Octets that chunk sizes with their extensions may take in a whole body, beside what the data itself earns.
    private static let sizeLineAllowance = 1024

    private let limits: RequestLimits
    var state = State.sizeFirstDigit
    var size = 0
    var sizeLineOctets = 0
    var content = 0
    private var trailerLines = LineScanner()
    private var trailerFields = 0

    init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Consumes octets. Returns how many belong to the body, and whether it has ended with them.
    ///
    /// - Parameter gathered: Gets the content among them, unless it is nil.
    mutating func advance(
        _ bytes: Span<UInt8>,
        gathering gathered: inout [UInt8]?
    ) throws(Refusal) -> (consumed: Int, finished: Bool) {
        var index = 0
        while index < bytes.count {
            if case .trailer = state { return try advanceTrailer(bytes, from: index) }
            if case .data(let left) = state {
                let taken = Swift.min(left, bytes.count - index)
                gathered?.append(bytes.extracting(index..<index + taken))
                index += taken
                state = taken == left ? .dataCarriageReturn : .data(left - taken)
                continue
            }
            try advance(bytes[index])
            index += 1
        }
        // A last chunk that ends with these octets leaves its trailer section to the next ones.
        return (index, false)
    }

    private mutating func advance(_ octet: UInt8) throws(Refusal) {
        switch state {
        case .sizeFirstDigit:
            guard let digit = Octet.hexValue(octet) else { throw .chunkMalformed }
            size = Int(digit)
            state = .size
            try countSizeLine()
        case .size:
            try countSizeLine()
            if let digit = Octet.hexValue(octet) {
                size = size * 16 + Int(digit)
                // Checked at each digit, so that it cannot overflow.
                if size > limits.body { throw .bodyTooLarge }
            } else {
                try endSize(octet)
            }
        case .extension_(let position):
            try countSizeLine()
            try advanceExtension(position, octet)
        case .sizeLineFeed:
            guard octet == Octet.lineFeed else { throw .lineEndingInvalid }
            try beginChunk()
        case .dataCarriageReturn:
            guard octet == Octet.carriageReturn else { throw .chunkMalformed }
            state = .dataLineFeed
        case .dataLineFeed:
            guard octet == Octet.lineFeed else { throw .chunkMalformed }
            state = .sizeFirstDigit
        case .data, .trailer:
            break
        }
    }

    private mutating func endSize(_ octet: UInt8) throws(Refusal) {
        switch octet {
        case Octet.carriageReturn: state = .sizeLineFeed
        case Octet.lineFeed: throw .lineEndingInvalid
        case Octet.semicolon: state = .extension_(.beforeName)
        case Octet.space, Octet.tab: state = .extension_(.beforeSemicolon)
        default: throw .chunkMalformed
        }
    }

    private mutating func advanceExtension(_ position: Extension, _ octet: UInt8) throws(Refusal) {
        let isBlank = octet == Octet.space || octet == Octet.tab
        let isToken = ByteClass.token.contains(octet)
        switch position {
        case .beforeSemicolon:
            guard isBlank || octet == Octet.semicolon else { throw .chunkMalformed }
            if octet == Octet.semicolon { state = .extension_(.beforeName) }
        case .beforeName:
            guard isBlank || isToken else { throw .chunkMalformed }
            if isToken { state = .extension_(.name) }
        case .name, .afterName:
            if isToken, case .name = position { return }
            if octet == UInt8(ascii: "=") {
                state = .extension_(.beforeValue)
            } else if isBlank {
                state = .extension_(.afterName)
            } else {
                try endSize(octet)
            }
        case .beforeValue:
            if octet == Octet.quote {
                state = .extension_(.quoted)
            } else if isToken {
                state = .extension_(.token)
            } else if !isBlank {
                throw .chunkMalformed
            }
        case .token, .afterValue:
            if isToken, case .token = position { return }
            if isBlank { state = .extension_(.afterValue) } else { try endSize(octet) }
        case .quoted:
            guard Octet.isFieldContent(octet) else { throw .chunkMalformed }
            if octet == Octet.quote { state = .extension_(.afterValue) }
            if octet == Octet.backslash { state = .extension_(.escaped) }
        case .escaped:
            guard Octet.isFieldContent(octet) else { throw .chunkMalformed }
            state = .extension_(.quoted)
        }
    }

    /// Bounds zeros before a size and extensions behind it, which are octets that no other limit counts. A body in
    /// small chunks is not affected: each chunk's data earns it a size line of the usual length.
    private mutating func countSizeLine() throws(Refusal) {
        sizeLineOctets += 1
        if sizeLineOctets > Self.sizeLineAllowance + content * 8 { throw .chunkExtensionTooLong }
    }

    private mutating func beginChunk() throws(Refusal) {
        content += size
        if content > limits.body { throw .bodyTooLarge }
        state = size == 0 ? .trailer : .data(size)
    }

    private mutating func advanceTrailer(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(Refusal) -> (consumed: Int, finished: Bool) {
        // Trailer fields are not consumed before their section is whole, as a head is not.
        let section = bytes.extracting(start..<bytes.count)
        while let line = try nextTrailerLine(section) {
            if trailerLines.lineStart > limits.headerSection { throw .trailerTooLarge }
            if line.isEmpty { return (start + trailerLines.lineStart, true) }
            trailerFields += 1
            if trailerFields > limits.headerFields { throw .trailerTooLarge }
            _ = try FieldLine(section, line)
        }
        if section.count > limits.headerSection { throw .trailerTooLarge }
        return (start, false)
    }

    private mutating func nextTrailerLine(_ section: Span<UInt8>) throws(Refusal) -> Range<Int>? {
        do {
            return try trailerLines.next(section)
        } catch {
            // As in a head: a limit that was passed before the bad line ending comes first.
            throw trailerLines.scanned > limits.headerSection ? .trailerTooLarge : error
        }
    }
}
