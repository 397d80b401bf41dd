/// Turns events into what a person reads while they happen.
///
/// It writes nothing itself: each call returns what is to be written next.
public struct ProgressRenderer: Sendable {
    /// What the reader has in front of them.
    public enum Style: Sendable, Equatable {
        /// A terminal this many columns wide, with one line that changes, and colours unless they are unwanted.
        case terminal(columns: Int, colours: Bool)
        /// A file or a pipe: whole lines, no escapes.
        case plain
    }

    /// How it writes.
    public var style: Style
    private var current: String?
    private var doing = ""
    private var hasLiveLine = false
    private var pending: [String] = []

    /// A renderer that has shown nothing yet.
    public init(style: Style) {
        self.style = style
    }

    /// What to write for an event.
    public mutating func render(_ event: Event) -> String {
        switch event {
        case .suiteStarted, .histogram, .timeline, .suiteFinished:
            return ""
        case .scenarioStarted(let name, _):
            current = name
            doing = ""
            pending = []
            return live(elapsed: 0)
        case .progress(let text):
            doing = text
            return ""
        case .note(let text):
            pending += text.split(separator: "\n").map { "    " + Formatting.printable(String($0)) }
            return ""
        case .measurement(let measurement):
            pending.append("    " + Formatting.printable("\(measurement.name): \(measurement.text)"))
            return ""
        case .scenarioFinished(let outcome, let seconds):
            return finished(outcome, seconds)
        }
    }

    /// Ends the live line where there is one, and writes a line of its own.
    public mutating func message(_ text: String) -> String {
        clear() + text + "\n"
    }

    /// Shows what the harness itself is doing, before and between scenarios.
    public mutating func activity(_ text: String, elapsed: Double) -> String {
        current = nil
        switch style {
        case .plain: return ""
        case .terminal(let columns, _): return clear() + liveLine("\(text)  \(Formatting.seconds(elapsed))", columns)
        }
    }

    /// The live line again, because time has passed.
    public mutating func tick(elapsed: Double) -> String {
        current == nil ? "" : live(elapsed: elapsed)
    }

    /// Removes the live line.
    public mutating func clear() -> String {
        defer { hasLiveLine = false }
        return hasLiveLine ? "\r\u{1B}[K" : ""
    }

    private mutating func live(elapsed: Double) -> String {
        guard case .terminal(let columns, _) = style, let current else { return "" }
        let text = "\(current)  \(Formatting.seconds(elapsed))" + (doing.isEmpty ? "" : "  \(doing)")
        return clear() + liveLine(text, columns)
    }

    private mutating func liveLine(_ text: String, _ columns: Int) -> String {
        hasLiveLine = true
        return String(("… " + Formatting.printable(text)).prefix(max(1, columns - 1)))
    }

    private mutating func finished(_ outcome: Outcome, _ seconds: Double) -> String {
        let name = Formatting.printable(current ?? "")
        current = nil
        var lines: [String] = []
        let time = "(\(Formatting.seconds(seconds)))"
        switch outcome {
        case .passed:
            lines.append("\(painted("✓", .green)) \(name)  \(painted(time, .dim))")
        case .skipped(let reason):
            lines.append(
                "\(painted("-", .yellow)) \(name)  \(painted("skipped: " + Formatting.printable(reason), .dim))"
            )
        case .failed:
            lines.append("\(painted("✗", .red)) \(painted(name, .bold))  \(painted(time, .dim))")
        }
        lines += pending.map { painted($0, .dim) }
        if case .failed(let reason, let journal) = outcome {
            lines += reason.split(separator: "\n").map { painted("    " + Formatting.printable(String($0)), .red) }
            if !journal.isEmpty {
                lines.append("    the journal meanwhile:")
                lines += journal.map { painted("      | " + Formatting.printable($0), .dim) }
            }
        }
        pending = []
        return clear() + lines.map { $0 + "\n" }.joined()
    }

    private enum Paint: String {
        case green = "32"
        case red = "31"
        case yellow = "33"
        case bold = "1"
        case dim = "2"
    }

    private func painted(_ text: String, _ paint: Paint) -> String {
        guard case .terminal(_, colours: true) = style else { return text }
        return "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m"
    }
}
