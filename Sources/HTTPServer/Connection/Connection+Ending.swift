import Glibc

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
            close(.answered)
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
        case .refuse(let refusal): refuseHeld(refusal)
        case .close: close(.answered)
        }
    }

    /// The connection is no more: whatever was done for it stops. Closing its descriptor is close(2) alone, which the
    /// client of one that was handed over does not notice.
    ///
    /// - Parameter end: Why, unless it was ending already.
    func close(_ end: ConnectionEnd) {
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
        if settings.observer.wantsDetails {
            settings.observer.connectionClosed(listener: origin.name, remote: remote, end: self.end ?? end)
        }
        loop.remove(self)
        settle()
    }

    // MARK: What the loop asks

    /// Returns whether a deadline had passed.
    func checkDeadline(at now: MonotonicTime) -> Bool {
        guard state.expiry(at: now) != nil else { return false }
        // What a client has sent in time may lie in the socket still: this process may not have run for a while. One
        // read more than it would get otherwise prolongs nothing.
        if state.awaitsInput, wantsInput { readSocket() }
        switch state.expiry(at: now) {
        case nil: break
        case .close: close(.writeTimeout)
        case .refuse(let refusal): refuseHeld(refusal)
        case .finish: endQuietly()
        }
        return true
    }

    /// Ends an idle connection: our half first, so that a request that is on its way meets no reset.
    private func endQuietly() {
        end = state.plan == .end ? .stopping : .idle
        state.refused(at: loop.eventLoop.now)
        writeLast()
    }

    /// Refuses the request that the input held so far begins.
    private func refuseHeld(_ refusal: Refusal) {
        let octets = held
        octets.withUnsafeBufferPointer { octets in
            refuse(refusal, isToHead: parser.isAtHeadMethod(octets.span), excerpt: octets.span)
        }
    }

    func tellOpened() {
        guard settings.observer.wantsDetails else { return }
        settings.observer.connectionOpened(listener: origin.name, remote: remote, isTakenUp: isTakenUp)
    }
}
