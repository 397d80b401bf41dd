import Foundation

extension Event {
    /// What each line begins with, so that whatever else a program prints is not taken for an event.
    static let prefix = "@event "

    /// This event as one line, without a line break.
    public var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every number in an event is finite by then, so that nothing here can fail to be encoded.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let data = try? encoder.encode(self) else { return Self.prefix + "{}" }
        return Self.prefix + String(decoding: data, as: UTF8.self)
    }

    /// The event on a line; `nil` when there is none on it.
    public init?(line: some StringProtocol) {
        guard line.hasPrefix(Self.prefix) else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        guard let event = try? decoder.decode(Event.self, from: Data(line.dropFirst(Self.prefix.count).utf8)) else {
            return nil
        }
        self = event
    }
}
