/// A valid `tracestate` (W3C Trace Context, section 3.3): what tracing systems note about a trace for one another.
public struct TraceState: Sendable, Equatable {
    /// The most entries that it may have (section 3.3.1.1).
    static let most = 32

    /// The field's value, of one line.
    public let value: String

    /// Joins the values of all its lines, in their order; nil where there is nothing, or nothing that may be passed on.
    public init?(_ values: [String]) {
        let entries = values.flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }.map(Self.trimmed).filter {
            !$0.isEmpty
        }
        guard (1...Self.most).contains(entries.count), entries.allSatisfy(Self.isEntry) else { return nil }
        value = entries.map { String(Substring($0)) }.joined(separator: ",")
    }

    private static func trimmed(_ entry: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
        var entry = entry.drop(while: isBlank)
        while let last = entry.last, isBlank(last) { entry.removeLast() }
        return entry
    }

    /// `key=value`, both of visible ASCII; what the key's characters mean is its owner's.
    private static func isEntry(_ entry: Substring.UTF8View) -> Bool {
        guard let separator = entry.firstIndex(of: UInt8(ascii: "=")), separator > entry.startIndex else {
            return false
        }
        return entry.allSatisfy { (0x20...0x7e).contains($0) } && entry[..<separator].allSatisfy { $0 > 0x20 }
    }
}
