import Greeting
import HTTPServer
import JournalLogging
import Logging
import Synchronization

/// Writes failed calls of upstreams to the journal. Each upstream has so many entries in a while; what is beyond is counted,
/// and the count is an entry when the while is over.
final class UpstreamLog: UpstreamObserver {
    private let log: LogPipeline
    /// Calls something later, away from the clients' event loops.
    private let later: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void
    private let rates = Mutex<[String: EntryRate]>([:])

    init(log: LogPipeline, later: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void) {
        self.log = log
        self.later = later
    }

    func ended(_ call: UpstreamCall) {
        guard let failure = call.failure else { return writeAnswered(call) }
        let upstream = call.upstream
        switch rates.withLock({ $0[upstream.name, default: EntryRate()].next() }) {
        case .write(let isFirst):
            if isFirst { later(EntryRate.period) { self.periodEnded(upstream) } }
            write(call, failure)
        case .leaveOut:
            break
        }
    }

    /// Tells what is left out so far; nothing more will come.
    func flush() {
        for (name, rate) in rates.withLock({ $0 }) where rate.leftOut > 0 { writeLeftOut(rate.leftOut, name) }
    }

    private func periodEnded(_ upstream: Upstream) {
        guard let rate = rates.withLock({ $0.removeValue(forKey: upstream.name) }), rate.leftOut > 0 else { return }
        writeLeftOut(rate.leftOut, upstream.name)
    }

    /// For who looks for a fault.
    private func writeAnswered(_ call: UpstreamCall) {
        guard log.level <= .debug else { return }
        log.log(
            .upstreamAnswered,
            .debug,
            "Upstream \(call.upstream.name) at \(call.upstream.address) answered",
            [
                LogField("upstream.name", .string(call.upstream.name)),
                LogField("upstream.address", .string(call.upstream.address)),
                LogField("upstream.duration.usec", .integer(call.elapsed.microseconds)),
                LogField("http.request.id", .string(call.requestID)),
            ]
        )
    }

    private func write(_ call: UpstreamCall, _ failure: UpstreamFailure) {
        let upstream = call.upstream
        var fields: [LogField] = [
            LogField("upstream.name", .string(upstream.name)),
            LogField("upstream.address", .string(upstream.address)),
            LogField("upstream.failure", .string(failure.kind.rawValue)),
            LogField("upstream.duration.usec", .integer(call.elapsed.microseconds)),
            LogField("http.request.id", .string(call.requestID)),
        ]
        if let status = failure.status { fields.append(LogField("upstream.status", .integer(Int64(status)))) }
        if let code = failure.code { fields.append(LogField("errno", .integer(Int64(code)))) }
        let kind = failure.kind.rawValue + (failure.code.map { ", errno \($0)" } ?? "")
        log.log(
            .upstreamFailed,
            .warning,
            "Upstream \(upstream.name) at \(upstream.address) failed (\(kind)): \(failure.message)",
            fields
        )
    }

    private func writeLeftOut(_ count: Int, _ name: String) {
        log.log(
            .upstreamFailed,
            .warning,
            "Upstream \(name) failed \(count) more time\(count == 1 ? "" : "s") without an entry",
            [LogField("upstream.name", .string(name)), LogField("suppressed", .integer(Int64(count)))]
        )
    }
}

/// How many entries there may be in a period. Pure.
struct EntryRate: Sendable {
    /// How long a period is, and how many entries it may have.
    static let period: Duration = .seconds(10)
    static let most = 5

    enum Decision: Equatable {
        case write(isFirst: Bool)
        case leaveOut
    }

    private var written = 0
    private(set) var leftOut = 0

    mutating func next() -> Decision {
        guard written < Self.most else {
            leftOut += 1
            return .leaveOut
        }
        written += 1
        return .write(isFirst: written == 1)
    }
}
