import NIOCore

// MARK: Ending

extension ConnectionHandler {
    /// Writes the last answer, then closes our half: RFC 9112 section 9.6, lest a reset take the answer with it.
    func writeLast(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        input = nil
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in bound.value.lastAnswerFlushed() }
    }

    func lastAnswerFlushed() {
        guard let context, state.phase == .finishing else { return }
        if state.lastAnswerFlushed(at: .now()) {
            close()
        } else {
            context.close(mode: .output, promise: nil)
            readIfWanted()
        }
    }

    func inputEnded() {
        switch state.inputEnded(hasBufferedInput: hasBufferedInput && !isStarved) {
        case .nothing: break
        case .finish: endQuietly(at: .now())
        case .refuse(let refusal): refuse(refusal)
        case .close: close()
        }
    }

    func close() {
        guard state.phase != .closed else { return }
        context?.close(promise: nil)
        ended()
    }

    /// The connection is no more: whatever was done for it stops.
    func ended() {
        guard state.phase != .closed || index != nil else { return }
        state.closed()
        input = nil
        if let work {
            self.work = nil
            loop.counters.inFlight.add(-1)
            work.task?.cancel()
        }
        loop.remove(self)
        context = nil
    }

    // MARK: What the loop asks

    func checkDeadline(at now: NIODeadline) {
        switch state.expiry(at: now) {
        case nil: break
        case .close: close()
        case .refuse(let refusal): refuse(refusal)
        case .finish: endQuietly(at: now)
        }
    }

    /// Ends an idle connection: behind the answers that a slow client has still to read, and our half first, so that a
    /// request that is on its way meets no reset.
    func endQuietly(at now: NIODeadline) {
        guard let context else { return }
        state.refused(at: now)
        writeLast(ByteBuffer(), context)
    }

    func drainBegan(at now: NIODeadline) {
        state.drainBegan(at: now, handsOver: loop.keeper != nil)
        leaveIfPossible()
    }

    func abort() { close() }
}
