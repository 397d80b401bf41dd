import HTTPServer
import NIOCore
import NIOEmbedded

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
}

/// One connection from its accept to its end.
struct Conversation {
    /// What was asked of the responder.
    let executed: [Executed.Request]
    /// What was written.
    let written: [UInt8]

    /// The most that a connection may hold of its input: a head that is just within its limits, and what one read can
    /// bring beyond it.
    private static func bound(_ limits: RequestLimits) -> Int {
        limits.requestLine + limits.headerSection + 2 + Self.readSize
    }

    /// What one read brings at most.
    private static let readSize = 16384

    /// Brings `input` to a new connection.
    init(_ input: ArraySlice<UInt8>, _ course: Course) {
        let eventLoop = EmbeddedEventLoop()
        let executed = Executed()
        let counters = LoopCounters()
        let loop = LoopContext(eventLoop: eventLoop, counters: counters)
        let settings = ConnectionSettings(
            HTTPServer.Settings(limits: course.limits),
            responder: Echo(executed: executed, isImmediate: course.isImmediate),
            observer: Observer()
        )
        let wire = Wire()
        let handler = ConnectionHandler(loop: loop, settings: settings, listener: "fuzz")
        let channel = EmbeddedChannel(handlers: [wire, handler], loop: eventLoop)
        channel.pipeline.fireChannelActive()
        func settle() {
            eventLoop.run()
            if !course.isImmediate {
                // A request in work, and each that was held behind it, takes the responder's time.
                while handler.isWorking, !wire.isClosed { eventLoop.advanceTime(by: TimeAmount(Echo.delay)) }
            }
        }
        var rest = input
        var random = course.seed
        while !rest.isEmpty, !wire.isClosed {
            if !wire.readIsAskedFor {
                settle()
                guard wire.readIsAskedFor, !wire.isClosed else { break }
            }
            let piece = rest.prefix(course.next(&random))
            rest = rest.dropFirst(piece.count)
            wire.gave()
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
            channel.pipeline.fireChannelReadComplete()
            require(handler.heldOctets <= Self.bound(course.limits), "it holds \(handler.heldOctets) octets")
        }
        // Requests in work as the client ends differ in whether they are answered; so they are awaited first.
        settle()
        switch course.ending {
        case .half:
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            settle()
        case .all:
            channel.pipeline.fireChannelInactive()
        case .never:
            break
        }
        // Whatever came, the deadlines end it: first the phase under way, then the lingering.
        for _ in 0..<2 where !wire.isClosed { handler.checkDeadline(at: .now() + .hours(1)) }
        require(wire.isClosed, "it stays open")
        eventLoop.run()
        require(counters.connections.current == 0, "it counts a connection that has ended")
        require(counters.inFlight.current == 0, "it counts a request in work on a connection that has ended")
        require(executed.inWork == 0, "a request is in work on a connection that has ended")
        self.executed = executed.requests
        written = wire.written
        _ = try? channel.finish(acceptAlreadyClosed: true)
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
