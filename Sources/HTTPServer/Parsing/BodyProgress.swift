/// How far the body of a request has come: all that a parser needs to go on, beside the content where that is gathered.
public struct BodyProgress: Sendable, Equatable {
    /// Which of the parser's states it is in: 0 for a body of a known length, else a state of `ChunkedBody`.
    public var state: UInt8
    /// Octets of content that are still to come, of the body or of the present chunk.
    public var left: Int
    /// The size of the present chunk, as far as it has come.
    public var size: Int
    /// Octets that chunk sizes and extensions took.
    public var sizeLineOctets: Int
    /// Octets of content in all chunks so far.
    public var content: Int

    /// More than any limit on a body, and far from an overflow.
    private static let most = 1 << 40

    /// Describes a body that is still to come.
    public init(state: UInt8 = 0, left: Int = 0, size: Int = 0, sizeLineOctets: Int = 0, content: Int = 0) {
        self.state = state
        self.left = left
        self.size = size
        self.sizeLineOctets = sizeLineOctets
        self.content = content
    }

    var isSane: Bool { [left, size, sizeLineOctets, content].allSatisfy { (0...Self.most).contains($0) } }
}

extension RequestSemantics.Body {
    /// Octets of content that are announced; none are where they come in chunks.
    var announced: Int { if case .length(let length) = self { length } else { 0 } }

    /// Whether so much content has come where a body is at this point, or is whole where it is at none.
    func canHaveBrought(_ count: Int, at progress: BodyProgress?) -> Bool {
        guard let progress else { return self == .chunked || count == announced }
        // Where chunks are counted, the present one is whole.
        return progress.isSane && count == (self == .chunked ? progress.content : announced) - progress.left
    }
}

extension ChunkedBody {
    var progress: BodyProgress {
        var progress = BodyProgress(size: size, sizeLineOctets: sizeLineOctets, content: content)
        switch state {
        case .sizeFirstDigit: progress.state = 1
        case .size: progress.state = 2
        case .sizeLineFeed: progress.state = 3
        case .data(let left): (progress.state, progress.left) = (4, left)
        case .dataCarriageReturn: progress.state = 5
        case .dataLineFeed: progress.state = 6
        // A trailer section that is not whole was not used: it is looked at again from its beginning.
        case .trailer: progress.state = 7
        case .extension_(let position): progress.state = 16 + position.rawValue
        }
        return progress
    }

    /// - Returns: nil where no chunked body is at such a point.
    init?(limits: RequestLimits, progress: BodyProgress) {
        guard progress.isSane else { return nil }
        self.init(limits: limits)
        size = progress.size
        sizeLineOctets = progress.sizeLineOctets
        content = progress.content
        switch progress.state {
        case 1: state = .sizeFirstDigit
        case 2: state = .size
        case 3: state = .sizeLineFeed
        case 4 where progress.left > 0: state = .data(progress.left)
        case 5: state = .dataCarriageReturn
        case 6: state = .dataLineFeed
        case 7: state = .trailer
        case 16...:
            guard let position = Extension(rawValue: progress.state - 16) else { return nil }
            state = .extension_(position)
        default: return nil
        }
    }
}
