import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("How a process is told to end")
struct StopIntentTests {
    /// What each request comes to in each kind of life, and what kind follows. Every pair is here.
    private static let table: [(StopIntent.Kind, StopIntent.Request, StopIntent.Action, StopIntent.Kind)] = [
        (.serving, .reload, .reload, .serving),
        (.serving, .stop, .stop, .stopping),
        (.serving, .handOver, .handOver, .handingOver),
        (.serving, .idleExit, .stop, .stopping),
        (.serving, .listenersFailed, .stop, .stopping),
        (.serving, .serviceFailed, .stop, .stopping),
        (.handingOver, .reload, .nothing, .handingOver),
        (.handingOver, .stop, .takeBack, .stopping),
        (.handingOver, .handOver, .nothing, .handingOver),
        (.handingOver, .idleExit, .nothing, .handingOver),
        (.handingOver, .listenersFailed, .nothing, .handingOver),
        (.handingOver, .serviceFailed, .nothing, .handingOver),
        (.stopping, .reload, .nothing, .stopping),
        (.stopping, .stop, .nothing, .stopping),
        (.stopping, .handOver, .nothing, .stopping),
        (.stopping, .idleExit, .nothing, .stopping),
        (.stopping, .listenersFailed, .nothing, .stopping),
        (.stopping, .serviceFailed, .nothing, .stopping),
    ]

    private static func intent(_ kind: StopIntent.Kind) -> StopIntent {
        var intent = StopIntent()
        if kind == .handingOver { _ = intent.asked(.handOver) }
        if kind == .stopping { _ = intent.asked(.stop) }
        return intent
    }

    @Test("a stop is final, a hand-over becomes a stop and nothing else, and only who serves reloads")
    func everyPair() {
        #expect(Self.table.count == 3 * StopIntent.Request.allCases.count)
        for (kind, request, action, next) in Self.table {
            var intent = Self.intent(kind)
            #expect(intent.kind == kind)
            let result = intent.asked(request)
            #expect(result == action && intent.kind == next, "\(kind), \(request)")
            // Those that are stopping already were told to stop.
            #expect(intent.isAnnounced == (kind == .stopping || kind == .serving && request == .stop))
            #expect(intent.hasFailed == (kind == .serving && [.listenersFailed, .serviceFailed].contains(request)))
        }
    }
}
