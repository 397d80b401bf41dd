import HTTPServer
import HTTPTypes
import JournalLogging
import Logging
import Synchronization

/// Writes what the server does with requests to the journal, one entry each.
final class RequestLog: ServerObserver {
    private let journal: Journal
    private let status: StatusLine
    private let access: Mutex<AccessLog>
    private let whenListenersFail = Mutex<(@Sendable () -> Void)?>(nil)

    init(journal: Journal, status: StatusLine, access: AccessLog) {
        self.journal = journal
        self.status = status
        self.access = Mutex(access)
    }

    /// Changes which requests have an entry, at once.
    func setAccess(_ access: AccessLog) { self.access.withLock { $0 = access } }

    func answered(_ exchange: Exchange) {
        guard access.withLock({ $0 }).includes(exchange.route, exchange.status.code) else { return }
        var fields: [LogField] = [
            LogField("http.method", .string(exchange.head.method.rawValue)),
            LogField("http.target", .string(exchange.head.target)),
            LogField("http.status", .integer(Int64(exchange.status.code))),
            LogField("http.duration.usec", .integer(exchange.duration.microseconds)),
            LogField("http.response.bytes", .integer(Int64(exchange.responseBytes))),
            LogField("http.request.id", .string(exchange.id.description)),
            LogField("http.remote", .string(exchange.remote.description)),
            LogField("http.listener", .string(exchange.listener)),
        ]
        if let proxy = exchange.proxy { fields.append(LogField("http.peer", .string(proxy.description))) }
        if let route = exchange.route { fields.append(LogField("http.route", .string(route))) }
        if let trace = exchange.head.traceParent.flatMap(TraceParent.init) {
            fields.append(LogField("trace.id", .string(trace.traceID)))
        }
        journal.log(
            .request,
            exchange.status.kind == .serverError ? .error : .info,
            // Where no route matched, what was asked for; it is visible ASCII, or it would have been refused.
            "\(exchange.head.method.rawValue) \(exchange.route ?? Self.shown(exchange.head.target)) "
                + "\(exchange.status.code) in \(Self.milliseconds(exchange.duration)) ms",
            fields
        )
    }

    func refused(_ request: RefusedRequest) {
        guard access.withLock({ $0 }) != .off else { return }
        let status = request.refusal.status.code
        journal.log(
            .requestRejected,
            .notice,
            "Request refused with \(status): \(request.refusal.rawValue)",
            [
                LogField("reason", .string(request.refusal.rawValue)),
                LogField("http.status", .integer(Int64(status))),
                LogField("http.request.id", .string(request.id.description)),
                LogField("http.remote", .string(request.remote.description)),
                LogField("http.listener", .string(request.listener)),
            ] + (request.proxy.map { [LogField("http.peer", .string($0.description))] } ?? [])
                + (request.excerpt.map { [LogField("refused.input", .string($0))] } ?? [])
        )
    }

    // MARK: For who looks for a fault

    var wantsDetails: Bool { journal.pipeline.level <= .debug }

    func connectionOpened(listener: String, remote: ClientAddress, isTakenUp: Bool) {
        journal.log(
            .connectionOpened,
            .debug,
            "Connection \(isTakenUp ? "taken up" : "accepted") from \(remote)",
            [LogField("http.remote", .string(remote.description)), LogField("http.listener", .string(listener))]
        )
    }

    func connectionClosed(listener: String, remote: ClientAddress, end: ConnectionEnd) {
        journal.log(
            .connectionClosed,
            .debug,
            "Connection from \(remote) closed: \(end.rawValue)",
            [
                LogField("reason", .string(end.rawValue)), LogField("http.remote", .string(remote.description)),
                LogField("http.listener", .string(listener)),
            ]
        )
    }

    /// As much of a target as a line has room for.
    private static func shown(_ target: String) -> String { target.count > 100 ? "\(target.prefix(100))…" : target }

    /// With one decimal, which is cheaper so than by a formatter.
    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.microseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    func responderFailed(_ error: any Error, id: RequestID) {
        journal.log(
            .requestFailed,
            .error,
            "A request could not be answered",
            [
                LogField("error", .string(String(describing: error))),
                LogField("http.request.id", .string(id.description)),
            ]
        )
    }

    func acceptPaused(_ reason: AcceptPause) {
        status.setPaused(true, for: reason.rawValue)
        journal.log(
            .acceptPaused,
            .warning,
            "Accepting no connections for now: \(reason.rawValue)",
            [LogField("reason", .string(reason.rawValue))]
        )
    }

    func acceptResumed(_ reason: AcceptPause) {
        status.setPaused(false, for: reason.rawValue)
        journal.log(
            .acceptResumed,
            .notice,
            "Accepting connections again",
            [LogField("reason", .string(reason.rawValue))]
        )
    }

    /// Says what happens when the last listener has failed.
    func listenersFailed(_ action: @escaping @Sendable () -> Void) { whenListenersFail.withLock { $0 = action } }

    func listenersFailed() {
        journal.log(
            .listenersFailed,
            .critical,
            "The last listener has failed: somebody has shut its socket down; restart the socket unit"
        )
        whenListenersFail.withLock { $0 }?()
    }
}

extension AccessLog {
    /// The routes that machines ask for all the time.
    static let probes: Set<String> = ["/healthz", "/readyz", "/metrics"]

    /// Whether a request by this route, or by none, with this status has an entry.
    func includes(_ route: String?, _ status: Int) -> Bool {
        switch self {
        case .all: true
        case .noProbes: route.map { !Self.probes.contains($0) } ?? true
        case .errors: status >= 400
        case .off: false
        }
    }
}
