import Glibc
import NIOCore

// MARK: Ending

extension Connection {
    /// Writes the last answer, then closes our half: RFC 9112 section 9.6, lest a reset take the answer with it.
    func writeLast() {
        dropInput()
        flush()
        if state.phase == .finishing, !socket.hasUnsent { lastAnswerFlushed() } else { watch() }
    }

    func lastAnswerFlushed() {
        guard state.phase == .finishing else { return }
        if state.lastAnswerFlushed(at: loop.eventLoop.now) {
            close()
        } else {
            socket.endOutput()
            watch()
        }
    }

    func inputEnded() {
        switch state.inputEnded(hasBufferedInput: hasBufferedInput && !isStarved) {
        case .nothing: watch()
        case .finish: endQuietly()
        case .refuse(let refusal): refuse(refusal, isToHead: isAtHeadMethod)
        case .close: close()
        }
    }

    /// The connection is no more: whatever was done for it stops. Closing its descriptor is close(2) alone, which the
    /// client of one that was handed over does not notice.
    func close() {
        guard state.phase != .closed else { return }
        state.closed()
        dropInput()
        if let work {
            self.work = nil
            loop.counters.inFlight.add(-1)
            work.task?.cancel()
            if let timer = work.timer { loop.eventLoop.cancel(timer) }
        }
        loop.eventLoop.remove(self)
        Glibc.close(descriptor)
        loop.remove(self)
    }

    // MARK: What the loop asks

    func checkDeadline(at now: NIODeadline) {
        switch state.expiry(at: now) {
        case nil: break
        case .close: close()
        case .refuse(let refusal): refuse(refusal, isToHead: isAtHeadMethod)
        // A client that has still answers to read is not idle: there may be requests of it behind them. How long it may
        // take is the write timeout's.
        case .finish: if !socket.hasUnsent { endQuietly() }
        }
    }

    /// Ends an idle connection: our half first, so that a request that is on its way meets no reset.
    private func endQuietly() {
        state.refused(at: loop.eventLoop.now)
        writeLast()
    }

    func drainBegan(at now: NIODeadline) {
        state.drainBegan(at: now, handsOver: loop.keeper != nil)
        leaveIfPossible()
    }

    private var isAtHeadMethod: Bool {
        held.withUnsafeBufferPointer { parser.isAtHeadMethod($0.span) }
    }
}
