import Foundation

/// Keeps what a stream said, and hands on each whole line as it becomes one.
struct LineCollector {
    /// What is kept at most: of a command that says more the beginning is dropped.
    static let limit = 64 << 20
    /// What is handed on as one line at most: of a longer one the pieces are.
    static let lineLimit = 1 << 20

    /// Whether the beginning was dropped.
    private(set) var isTruncated = false

    private var bytes = Data()
    private var pending = Data()
    private let limit: Int
    private let lineLimit: Int
    private let onLine: ((String) -> Void)?

    init(limit: Int = Self.limit, lineLimit: Int = Self.lineLimit, onLine: ((String) -> Void)? = nil) {
        self.limit = limit
        self.lineLimit = lineLimit
        self.onLine = onLine
    }

    /// Everything so far, or the end of it.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk)
        if bytes.count > limit {
            bytes = Data(bytes.suffix(limit / 2))
            isTruncated = true
        }
        // Nobody asks for lines: none is looked for.
        guard onLine != nil else { return }
        var rest = chunk[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            pending.append(contentsOf: rest[..<end])
            handOn()
            rest = rest[(end + 1)...]
        }
        pending.append(contentsOf: rest)
        if pending.count >= lineLimit { handOn() }
    }

    /// The stream has ended: what is left is a line too.
    mutating func finish() {
        if !pending.isEmpty { handOn() }
    }

    private mutating func handOn() {
        onLine?(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
