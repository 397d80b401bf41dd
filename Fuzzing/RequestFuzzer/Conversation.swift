import Glibc
import HTTPServer
import Synchronization

@testable import HTTPServer

/// How octets are brought to a connection.
struct Course {
    enum Pieces { case whole, octets, random(UInt64) }

    /// How the client ends: its half, everything, or not at all, so that the deadlines do it.
    enum Ending { case half, all, never }

    var pieces = Pieces.whole
    var ending = Ending.half
    var isImmediate = true
    var limits = RequestLimits()
    /// Whether the client is a trusted proxy, which begins with a header of the PROXY protocol.
    var isProxied = false
}

/// One connection from its accept to its end, over a pair of sockets and on a loop that is turned by hand.
struct Conversation {
    /// What was asked of the responder.
    let executed: [Executed.Request]
    /// What was written.
    let written: [UInt8]

    /// The most that a connection may hold of its input: a head that is just within its limits, and what one read can
    /// bring beyond it.
    private static func bound(_ limits: RequestLimits) -> Int {
        max(limits.requestLine + limits.headerSection + 2, ProxyHeader.longest) + EpollLoop.readSize
    }

    /// Brings `input` to a new connection.
    init(_ input: ArraySlice<UInt8>, _ course: Course) {
        let bench = Bench.shared
        let executed = Executed()
        let counters = LoopCounters()
        let budget = ConnectionBudget(limit: 1)
        let origin = ConnectionOrigin(name: "fuzz", budget: budget, expectsProxyHeader: course.isProxied)
        let context = LoopContext(eventLoop: bench.loop, counters: counters, unread: UnreadBudget(limit: .max))
        let settings = ConnectionSettings(
            HTTPServer.Settings(
                limits: course.limits,
                forwarding: ForwardingTrust(
                    peers: TrustedPeers(course.isProxied ? [.unix] : []),
                    field: course.isProxied ? .forwarded : .none
                )
            ),
            responder: Echo(executed: executed, isImmediate: course.isImmediate),
            observer: Observer()
        )
        let client = Wire()
        budget.opened()
        let connection = Connection(
            descriptor: client.theirs,
            peer: .unix,
            loop: context,
            settings: settings,
            origin: origin
        )
        guard (try? connection.begin()) != nil else { fatalError("a connection cannot be watched") }
        func settle() {
            bench.turn()
            client.readAll()
            if !course.isImmediate {
                // A request in work, and each that was held behind it, takes the responder's time.
                while connection.isWorking { bench.advance(Echo.delay) }
            }
            client.readAll()
        }
        var rest = input
        var random = course.seed
        while !rest.isEmpty, counters.connections.current == 1 {
            let piece = rest.prefix(course.next(&random))
            rest = rest.dropFirst(piece.count)
            guard client.send(piece) else { break }
            settle()
            require(connection.heldOctets <= Self.bound(course.limits), "it holds \(connection.heldOctets) octets")
        }
        // Requests in work as the client ends differ in whether they are answered; so they are awaited first.
        settle()
        switch course.ending {
        case .half:
            client.endHalf()
            settle()
        case .all:
            client.close()
            settle()
        case .never:
            break
        }
        // Whatever came, the deadlines end it: first the phase under way, then the lingering.
        for _ in 0..<2 where counters.connections.current == 1 { bench.advance(.seconds(3600)) }
        client.readAll()
        client.close()
        // The timers of this conversation are not left to the next one.
        bench.advance(LoopContext.sweepInterval)
        require(counters.connections.current == 0, "it stays open")
        require(counters.inFlight.current == 0, "it counts a request in work on a connection that has ended")
        require(context.content.octets == 0, "it holds content on a connection that has ended")
        require(executed.inWork == 0, "a request is in work on a connection that has ended")
        require(budget.room(isWanted: true) {} == 1, "its place is not given back")
        require(bench.loop.output.isEmpty, "it left an answer unsent")
        self.executed = executed.requests
        written = client.written
    }
}

/// The loop that all conversations use, one after the other, and its clock.
private final class Bench: Sendable {
    static let shared = Bench()

    let loop: EpollLoop
    private static let nanoseconds = Atomic<UInt64>(1)

    private init() {
        guard let loop = try? EpollLoop(time: { Self.now }) else { fatalError("no event loop") }
        self.loop = loop
    }

    private static var now: MonotonicTime { MonotonicTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }

    /// Turns until nothing happens any more: a piece, an answer and an end are a turn each, and so are each few of many
    /// requests.
    func turn() {
        repeat { for _ in 0..<4 { loop.turn(mayWait: false) } } while loop.hasPutOff
    }

    func advance(_ amount: Duration) {
        Self.nanoseconds.add(UInt64(amount.attoseconds / 1_000_000_000), ordering: .relaxed)
        turn()
    }
}

extension Course {
    fileprivate var seed: UInt64 { if case .random(let seed) = pieces { seed } else { 0 } }

    fileprivate func next(_ random: inout UInt64) -> Int {
        switch pieces {
        case .whole: return 16384
        case .octets: return 1
        case .random:
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 1 + Int(random >> 33) % 40
        }
    }
}

private struct Observer: ServerObserver {}
