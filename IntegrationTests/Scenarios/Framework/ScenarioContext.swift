import HarnessReport
import Synchronization
import SystemdTestKit

/// What a scenario works with: the machine's systemd, its journal, changes that are undone afterwards, and a place for
/// what it finds out.
final class ScenarioContext: Sendable {
    /// What the run was asked for.
    let options: ScenarioOptions

    let machine: any Machine
    let emit: @Sendable (Event) -> Void
    let journalUnits: [String]
    private let journalStart = Mutex<JournalPosition?>(nil)
    let undoing = Mutex<[UndoStep]>([])

    init(
        options: ScenarioOptions,
        machine: any Machine,
        journalUnits: [String],
        emit: @escaping @Sendable (Event) -> Void
    ) {
        self.options = options
        self.machine = machine
        self.journalUnits = journalUnits
        self.emit = emit
    }
}

extension ScenarioContext {
    /// Where the journal ended when the scenario began.
    var start: JournalPosition? { journalStart.withLock { $0 } }

    /// Leaves out what the journal has so far: scenarios before, and then the set-up with the end of what it stopped. A suite whose machines are its
    /// scenarios' own looks into no other's.
    func beginJournal() async throws {
        guard !journalUnits.isEmpty else { return }
        let end = try await machine.journalEnd()
        journalStart.withLock { $0 = end }
    }
}

// MARK: What a scenario says

extension ScenarioContext {
    /// Shows on the live line what is going on.
    func progress(_ text: String) { emit(.progress(text)) }

    /// Keeps a sentence, which is printed below the scenario and stands in its reports.
    func note(_ text: String) { emit(.note(text)) }

    /// Keeps a figure.
    func measure(_ name: String, _ value: Double, _ unit: String = "") {
        emit(.measurement(Measurement(name: name, value: value, unit: unit)))
    }

    /// Keeps a count.
    func measure(_ name: String, _ value: Int, _ unit: String = "") { measure(name, Double(value), unit) }

    /// Keeps a time span, in milliseconds.
    func measure(_ name: String, _ value: Duration) { measure(name, value / .milliseconds(1), "ms") }

    /// Keeps a latency distribution for the report: how many requests took at most so many microseconds, and more than
    /// the bound before.
    func histogram(_ name: String, _ buckets: [(upperMicroseconds: Double, count: Int)]) {
        let buckets = buckets.map { LatencyHistogram.Bucket(upperMicroseconds: $0.upperMicroseconds, count: $0.count) }
        emit(.histogram(LatencyHistogram(name: name, buckets: buckets)))
    }

    /// Keeps requests and latency over time for the report.
    func timeline(
        _ name: String,
        interval: Duration,
        requests: [Int],
        median: [Duration],
        longest: [Duration],
        marks: [(time: Duration, label: String)]
    ) {
        emit(
            .timeline(
                Timeline(
                    name: name,
                    interval: interval / .seconds(1),
                    requests: requests,
                    medianMilliseconds: median.map { $0 / .milliseconds(1) },
                    longestMilliseconds: longest.map { $0 / .milliseconds(1) },
                    marks: marks.map { Timeline.Mark(seconds: $0.time / .seconds(1), label: $0.label) }
                )
            )
        )
    }
}

// MARK: What a scenario expects

extension ScenarioContext {
    /// Fails the scenario unless the condition holds.
    func expect(
        _ condition: @autoclosure () throws -> Bool,
        _ message: @autoclosure () -> String,
        file: String = #fileID,
        line: Int = #line
    ) throws {
        if try !condition() { throw ExpectationFailed(description: "\(message()) (\(file):\(line))") }
    }

    /// Fails the scenario unless both are equal, and says what they are.
    func expectEqual<Value: Equatable>(
        _ actual: Value,
        _ expected: Value,
        _ what: @autoclosure () -> String,
        file: String = #fileID,
        line: Int = #line
    ) throws {
        try expect(actual == expected, "\(what()): \(actual), expected \(expected)", file: file, line: line)
    }

    /// The value, or a failed scenario where there is none.
    func require<Value>(
        _ value: Value?,
        _ message: @autoclosure () -> String,
        file: String = #fileID,
        line: Int = #line
    ) throws -> Value {
        guard let value else { throw ExpectationFailed(description: "\(message()) (\(file):\(line))") }
        return value
    }
}
