import Foundation

/// One round of one server, on its way out of the machine as a line.
struct InsideSample: Codable, Sendable {
    private static let prefix = "@sample "

    var server: String
    var round: Int
    var figures: [String: Double]

    init(server: String, round: Int, figures: [String: Double]) {
        self.server = server
        self.round = round
        self.figures = figures
    }

    /// The sample on a line, if there is one.
    init?(line: String) {
        guard line.hasPrefix(Self.prefix) else { return nil }
        let text = Data(line.dropFirst(Self.prefix.count).utf8)
        guard let sample = try? JSONDecoder().decode(Self.self, from: text) else { return nil }
        self = sample
    }

    /// Says it.
    func emit() throws { Console.say(Self.prefix + String(decoding: try JSONEncoder().encode(self), as: UTF8.self)) }
}
