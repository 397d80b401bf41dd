import Testing

@testable import HTTPServer

@Suite("The life of a connection")
struct ConnectionStateTests {
    private static let timeouts = ConnectionTimeouts(
        header: .seconds(10),
        request: .seconds(30),
        keepAlive: .seconds(75),
        write: .seconds(20),
        drainGrace: .milliseconds(500),
        linger: .seconds(1)
    )

    /// A moment on the test's clock.
    private static func at(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000 + UInt64(seconds * 1e9))
    }

    private static func accepted() -> ConnectionState { ConnectionState(timeouts: timeouts, acceptedAt: at(0)) }

    /// A connection with its first request, whose first octet came after 1 s, at its responder.
    private static func working(keepsAlive: Bool = true) -> ConnectionState {
        var state = accepted()
        state.requestBegan(at: at(1))
        state.headArrived(keepsAlive: keepsAlive)
        state.requestArrived()
        return state
    }

    @Test("goes from accept to request, to answer, and to the next request")
    func ordinary() {
        var state = Self.accepted()
        #expect(state.phase == .idle)
        #expect(state.takesRequests)
        state.requestBegan(at: Self.at(1))
        #expect(state.phase == .receiving)
        #expect(state.takesRequests)
        state.headArrived(keepsAlive: true)
        #expect(state.phase == .receiving)
        state.requestArrived()
        #expect(state.phase == .working)
        #expect(!state.takesRequests)
        let next = state.answered(at: Self.at(2), holdsRequest: false)
        #expect(next == .awaitRequest)
        #expect(state.phase == .idle)
        state.requestBegan(at: Self.at(3))
        #expect(state.requestsBegun == 2)
    }

    @Test("the first request's header section has its time from the accept, octets or not")
    func firstHeader() {
        var state = Self.accepted()
        #expect(state.expiry(at: Self.at(9.9)) == nil)
        #expect(state.expiry(at: Self.at(10)) == .refuse(.headerTimeout))
        state.requestBegan(at: Self.at(9))
        #expect(state.expiry(at: Self.at(9.9)) == nil)
        #expect(state.expiry(at: Self.at(10)) == .refuse(.headerTimeout))
    }

    @Test("a later header section has its time from its first octet, and no octet prolongs it")
    func laterHeader() {
        var state = Self.working()
        _ = state.answered(at: Self.at(2), holdsRequest: false)
        state.requestBegan(at: Self.at(50))
        state.requestBegan(at: Self.at(55))
        #expect(state.expiry(at: Self.at(59.9)) == nil)
        #expect(state.expiry(at: Self.at(60)) == .refuse(.headerTimeout))
    }

    @Test("a request's body has until the request's own deadline")
    func body() {
        var state = Self.accepted()
        state.requestBegan(at: Self.at(1))
        state.headArrived(keepsAlive: true)
        #expect(state.expiry(at: Self.at(29.9)) == nil)
        #expect(state.expiry(at: Self.at(30)) == .refuse(.requestTimeout))
    }

    @Test("a request in work has no deadline of the connection's")
    func work() {
        #expect(Self.working().expiry(at: Self.at(10000)) == nil)
    }

    @Test("an idle connection is kept for the keep-alive time, then ended without an answer")
    func keepAlive() {
        var state = Self.working()
        _ = state.answered(at: Self.at(2), holdsRequest: false)
        #expect(state.expiry(at: Self.at(76.9)) == nil)
        #expect(state.expiry(at: Self.at(77)) == .finish)
    }

    @Test("the last answer is flushed, then input is thrown away for a while, unless it has ended")
    func lastAnswer() {
        var state = Self.working(keepsAlive: false)
        let next = state.answered(at: Self.at(2), holdsRequest: true)
        #expect(next == .finish)
        #expect(state.phase == .finishing)
        #expect(!state.takesRequests)
        #expect(state.expiry(at: Self.at(21.9)) == nil)
        #expect(state.expiry(at: Self.at(22)) == .close)
        let closes = state.lastAnswerFlushed(at: Self.at(3))
        #expect(!closes)
        #expect(state.phase == .lingering)
        #expect(state.expiry(at: Self.at(3.9)) == nil)
        #expect(state.expiry(at: Self.at(4)) == .close)
        let reaction = state.inputEnded(hasBufferedInput: false)
        #expect(reaction == .close)

        var ended = Self.working(keepsAlive: false)
        let reaction2 = ended.inputEnded(hasBufferedInput: false)
        #expect(reaction2 == .nothing)
        _ = ended.answered(at: Self.at(2), holdsRequest: false)
        let closes2 = ended.lastAnswerFlushed(at: Self.at(3))
        #expect(closes2)
    }

    @Test("what is thrown away behind the last answer is bounded by silence, by a rate, and by the time of a request")
    func lingering() {
        func lingering() -> ConnectionState {
            var state = Self.accepted()
            state.refused(at: Self.at(0))
            _ = state.lastAnswerFlushed(at: Self.at(0))
            return state
        }
        var fast = lingering()
        for second in 0..<29 {
            fast.discarded(octets: 10_000_000, at: Self.at(Double(second) + 0.5))
            #expect(fast.expiry(at: Self.at(Double(second) + 1)) == nil)
        }
        #expect(fast.expiry(at: Self.at(29.6)) == .close)
        fast.discarded(octets: 10_000_000, at: Self.at(29.9))
        #expect(fast.expiry(at: Self.at(30)) == .close)
        // An octet now and then earns nothing.
        var dripping = lingering()
        dripping.discarded(octets: 1, at: Self.at(0.9))
        #expect(dripping.expiry(at: Self.at(1.1)) == .close)
    }

    @Test("while answers are unread nothing is read, and no deadline of a request runs")
    func pausedDeadlines() {
        var state = Self.working()
        _ = state.answered(at: Self.at(2), holdsRequest: false)
        state.requestBegan(at: Self.at(2))
        state.writeStalled(true, at: Self.at(3))
        #expect(state.expiry(at: Self.at(22.9)) == nil)
        state.writeStalled(false, at: Self.at(22.9))
        #expect(state.expiry(at: Self.at(31.8)) == nil)
        #expect(state.expiry(at: Self.at(32)) == .refuse(.headerTimeout))
    }

    @Test("where connections are to end, half a further request keeps none open")
    func halfARequest() {
        var state = Self.working()
        state.planned(.end, at: Self.at(2))
        let next = state.answered(at: Self.at(3), holdsRequest: false)
        #expect(next == .finish)
    }

    @Test("a refusal ends the connection from every phase, once")
    func refused() {
        var state = Self.accepted()
        state.refused(at: Self.at(1))
        #expect(state.phase == .finishing)
        let closes = state.lastAnswerFlushed(at: Self.at(1))
        #expect(!closes)
        state.refused(at: Self.at(2))
        #expect(state.phase == .lingering)
        state.closed()
        state.refused(at: Self.at(3))
        #expect(state.phase == .closed)
        #expect(state.expiry(at: Self.at(1000)) == nil)
        let closes2 = state.lastAnswerFlushed(at: Self.at(4))
        #expect(!closes2)
        let reaction = state.inputEnded(hasBufferedInput: false)
        #expect(reaction == .nothing)
    }

    @Test("a client that ends its half gets what it asked for; half a request is refused")
    func inputEnds() {
        var idle = Self.accepted()
        let reaction = idle.inputEnded(hasBufferedInput: false)
        #expect(reaction == .finish)
        var buffered = Self.accepted()
        let reaction2 = buffered.inputEnded(hasBufferedInput: true)
        #expect(reaction2 == .nothing)
        var receiving = Self.accepted()
        receiving.requestBegan(at: Self.at(1))
        let reaction3 = receiving.inputEnded(hasBufferedInput: true) == .refuse(.requestIncomplete)
        #expect(reaction3)
        var working = Self.working()
        let reaction4 = working.inputEnded(hasBufferedInput: false)
        #expect(reaction4 == .nothing)
        let next = working.answered(at: Self.at(5), holdsRequest: false)
        #expect(next == .awaitRequest)
    }

    @Test("while draining an idle connection is held for a grace from its last answer or the drain's beginning")
    func drainIdle() {
        var fresh = Self.accepted()
        fresh.planned(.end, at: Self.at(1))
        #expect(fresh.plan == .end)
        #expect(fresh.expiry(at: Self.at(1.4)) == nil)
        #expect(fresh.expiry(at: Self.at(1.5)) == .finish)
        // The drain begins once.
        fresh.planned(.end, at: Self.at(1.4))
        #expect(fresh.expiry(at: Self.at(1.5)) == .finish)

        var idle = Self.working()
        idle.planned(.end, at: Self.at(2))
        // More was sent: it is answered, and the grace runs from this answer.
        let next = idle.answered(at: Self.at(4), holdsRequest: true)
        #expect(next == .awaitRequest)
        #expect(idle.expiry(at: Self.at(4.4)) == nil)
        #expect(idle.expiry(at: Self.at(4.5)) == .finish)
    }

    @Test("while draining a request under way is taken and answered as the last")
    func drainBusy() {
        var receiving = Self.accepted()
        receiving.requestBegan(at: Self.at(1))
        receiving.planned(.end, at: Self.at(2))
        #expect(receiving.takesRequests)
        #expect(receiving.expiry(at: Self.at(9)) == nil)
        receiving.headArrived(keepsAlive: true)
        receiving.requestArrived()
        #expect(receiving.expiry(at: Self.at(1000)) == nil)
        let next = receiving.answered(at: Self.at(3), holdsRequest: false)
        #expect(next == .finish)
    }

    @Test("a client that does not read its answers is cut, whatever the phase; one that reads again is not")
    func writeStall() {
        var state = Self.working()
        state.writeStalled(true, at: Self.at(2))
        state.writeStalled(true, at: Self.at(10))
        #expect(state.expiry(at: Self.at(21.9)) == nil)
        #expect(state.expiry(at: Self.at(22)) == .close)
        state.writeStalled(false, at: Self.at(15))
        #expect(state.expiry(at: Self.at(30)) == nil)
        state.writeStalled(true, at: Self.at(30))
        #expect(state.expiry(at: Self.at(49.9)) == nil)
        #expect(state.expiry(at: Self.at(50)) == .close)
    }

    @Test("what comes out of order changes nothing")
    func outOfOrder() {
        var state = Self.accepted()
        state.requestArrived()
        #expect(state.phase == .idle)
        let closes = state.lastAnswerFlushed(at: Self.at(1))
        #expect(!closes)
        state.closed()
        state.requestBegan(at: Self.at(1))
        #expect(state.phase == .closed)
        #expect(!state.takesRequests)
    }
}
