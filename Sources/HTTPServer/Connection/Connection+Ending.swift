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
            settle()
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
        socket.dropUnsent()
        countUnread()
        if let work {
            self.work = nil
            if !work.isUnasked { cancel(work) }
        }
        loop.eventLoop.remove(self)
        // The process that had it before may still be about to end, and have it open.
        if isTakenUp { shutdown(descriptor, CInt(SHUT_RDWR)) }
        Glibc.close(descriptor)
        loop.remove(self)
        settle()
    }

    // MARK: What the loop asks

    /// Returns whether a deadline had passed.
    func checkDeadline(at now: NIODeadline) -> Bool {
        guard state.expiry(at: now) != nil else { return false }
        // What a client has sent in time may lie in the socket still: this process may not have run for a while. One
        // read more than it would get otherwise prolongs nothing.
        if state.awaitsInput, wantsInput { readSocket() }
        switch state.expiry(at: now) {
        case nil: break
        case .close: close()
        case .refuse(let refusal): refuse(refusal, isToHead: isAtHeadMethod)
        case .finish: endQuietly()
        }
        return true
    }

    /// Ends an idle connection: our half first, so that a request that is on its way meets no reset.
    private func endQuietly() {
        state.refused(at: loop.eventLoop.now)
        writeLast()
    }

    private var isAtHeadMethod: Bool {
        held.withUnsafeBufferPointer { parser.isAtHeadMethod($0.span) }
    }
}
