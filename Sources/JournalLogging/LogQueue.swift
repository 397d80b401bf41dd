import DequeModule

/// The records that wait for the output, and the account of those that could not.
///
/// Pure: no lock, no thread, no clock. ``LogWriter`` holds one behind a lock, and does what ``next(atMost:)`` says.
///
/// Every offered record is settled once: accepted and written, accepted and lost by the output, or dropped because the
/// queue was full. What is lost or dropped is reported by a record of its own, as soon as the output takes records
/// again, and at the place where the first missing record would have stood. So there is one report for one outage,
/// and, where records come faster than they can be written for long, no more than one for each queue full of them.
struct LogQueue: Sendable {
    /// What the writer should do now.
    enum Turn: Sendable {
        /// Write these, then call ``settle(lost:)``.
        case write([LogRecord])
        /// Write a report of this many missing records, then call ``settleReport(of:written:)``.
        case report(UInt64)
        /// Nothing; but a report waits for the output to recover, so try again in a while if `retry`.
        case idle(retry: Bool)
        /// Nothing, ever again.
        case finished
    }

    let capacity: LogCapacity
    private var waiting = Deque<LogRecord>()
    /// Of the records that wait and those that are being written.
    private(set) var records = 0
    private(set) var bytes = 0
    private var writing = (records: 0, bytes: 0)
    /// All that were ever accepted, and all of those that were written or lost.
    private(set) var accepted: UInt64 = 0
    private(set) var settled: UInt64 = 0
    /// All that were ever dropped or lost.
    private(set) var dropped: UInt64 = 0
    private var unreported: UInt64 = 0
    /// The report is due once this many are settled.
    private var reportAt: UInt64 = 0
    private var outputFails = false
    private(set) var isClosed = false

    init(capacity: LogCapacity) { self.capacity = capacity }

    /// Takes a record in, or drops and counts it.
    mutating func offer(_ record: LogRecord) -> Bool {
        let cost = record.cost
        guard !isClosed, records < capacity.records, cost <= capacity.bytes - bytes else {
            miss(1, at: accepted)
            return false
        }
        waiting.append(record)
        records += 1
        bytes += cost
        accepted += 1
        return true
    }

    /// Takes the next records out, or says what else to do.
    mutating func next(atMost limit: Int) -> Turn {
        let reportIsDue = unreported > 0 && settled >= reportAt
        if reportIsDue, !outputFails { return .report(unreported) }
        guard !waiting.isEmpty else { return isClosed ? .finished : .idle(retry: reportIsDue) }

        var count = min(limit, waiting.count)
        if unreported > 0, reportAt > settled { count = min(count, Int(clamping: reportAt - settled)) }
        var batch: [LogRecord] = []
        batch.reserveCapacity(count)
        writing = (count, 0)
        while batch.count < count, let record = waiting.popFirst() {
            writing.bytes += record.cost
            batch.append(record)
        }
        return .write(batch)
    }

    /// Accounts for the records of the last turn, of which the output lost some.
    mutating func settle(lost: Int) {
        if lost > 0 { miss(UInt64(lost), at: settled) }
        outputFails = lost > 0 && lost == writing.records
        settled += UInt64(writing.records)
        records -= writing.records
        bytes -= writing.bytes
        writing = (0, 0)
    }

    /// Accounts for a report. One that could not be written is tried again, and is not itself a missing record.
    mutating func settleReport(of count: UInt64, written: Bool) {
        outputFails = !written
        guard written else { return }
        unreported -= count
        reportAt = accepted  // What was dropped since came after all that was accepted.
    }

    /// Forgets that the output failed, so that a report that is due is tried again.
    mutating func retry() { outputFails = false }

    /// Accepts nothing more; what waits is still written.
    mutating func close() { isClosed = true }

    /// Whether nothing is left to do for the first `count` accepted records and the drops so far.
    func isSettled(_ count: UInt64) -> Bool {
        settled >= count && (unreported == 0 || outputFails || settled < reportAt)
    }

    private mutating func miss(_ count: UInt64, at place: UInt64) {
        dropped += count
        if unreported == 0 { reportAt = place }
        unreported += count
    }
}
