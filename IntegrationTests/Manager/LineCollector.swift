import Foundation

/// Keeps what a stream said, and hands on each whole line as it becomes one.
struct LineCollector {
    /// What is kept at most: a command that says more keeps its end.
    static let limit = 64 << 20

    private var bytes = Data()
    private var pending = Data()
    private let onLine: (String) -> Void

    init(onLine: @escaping (String) -> Void) {
        self.onLine = onLine
    }

    /// Everything so far.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ chunk: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: chunk)
        if bytes.count > Self.limit { bytes = Data(bytes.suffix(Self.limit / 2)) }
        pending.append(contentsOf: chunk)
        while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            onLine(String(decoding: pending[..<end], as: UTF8.self))
            pending = Data(pending[(end + 1)...])
        }
    }

    /// The stream has ended: what is left is a line too.
    mutating func finish() {
        guard !pending.isEmpty else { return }
        onLine(String(decoding: pending, as: UTF8.self))
        pending = Data()
    }
}
