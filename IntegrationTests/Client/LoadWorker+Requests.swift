import NIOCore

extension LoadWorker {
    /// Begins a slot's next request, on its connection if it still has one.
    func begin(_ slot: LoadSlot) {
        guard !isStopping else { return rest(slot) }
        if slot.connection == nil {
            enqueue(slot)
            pump()
        } else {
            send(slot)
        }
    }

    /// Counts a request, once.
    func attempt(_ slot: LoadSlot) {
        guard !slot.isCounted else { return }
        slot.isCounted = true
        report.attempted += 1
        inFlight += 1
    }

    /// The request has its outcome.
    private func settle(_ slot: LoadSlot) {
        guard slot.isCounted else { return }
        slot.isCounted = false
        inFlight -= 1
    }

    func send(_ slot: LoadSlot) {
        guard let connection = slot.connection else { return }
        attempt(slot)
        slot.sequence = nextSequence
        nextSequence += sequenceStride
        slot.state = .inWork
        let request = encoder.encode(sequence: slot.sequence)
        slot.since = monotonicNow()
        connection.send(request)
    }

    /// Sends the requests of a burst that has waited, a few a turn so that answers are read in between.
    func release(from start: Int = 0) {
        let end = min(start + 64, slots.count)
        for slot in slots[start..<end] where slot.state == .resting && slot.connection != nil { send(slot) }
        guard end < slots.count else { return }
        loop.assumeIsolated().execute { [self] in release(from: end) }
    }

    func gotAnswer(on connection: LoadConnection, _ answer: ResponseScanner.Answer, trailing: ByteBuffer?) {
        guard let slot = connection.slot, slot.state == .inWork else { return }
        let now = monotonicNow()
        report.statusCounts[answer.status, default: 0] += 1
        if answer.announcesClose { report.closeAnnounced += 1 }
        var isUsable = !answer.announcesClose
        if let fault = answer.fault {
            if let id = answer.requestID, id == connection.previousRequestID {
                report.recordFailure(.duplicated, at: now) { "the answer before came again: \(fault)" }
                isUsable = false
            }
            let sequence = slot.sequence
            report.recordFailure(.wrongAnswer, at: now) { "request \(sequence): \(fault)" }
        } else {
            report.recordAnswer(sentAt: slot.since, now: now, slowerThan: plan.slowerThan)
        }
        if let trailing, trailing.readableBytes > 0 {
            recordDuplicate(trailing, at: now)
            isUsable = false
        }
        connection.previousRequestID = answer.requestID
        settle(slot)
        next(slot, keeps: isUsable, awaitsClose: answer.announcesClose)
    }

    func gotMalformedAnswer(on connection: LoadConnection, reason: String) {
        guard let slot = connection.slot else { return }
        fail(slot, .wrongAnswer, at: monotonicNow()) { "not an HTTP/1.1 answer: \(reason)" }
    }

    /// Bytes while no request is in work: an answer that nothing asked for.
    func gotUnexpectedBytes(on connection: LoadConnection, _ bytes: ByteBuffer) {
        recordDuplicate(bytes, at: monotonicNow())
        if let slot = connection.slot {
            slot.connection = nil
            lostBeforeBurst(slot, text: "bytes came before the request was sent")
        }
        connection.abandon()
    }

    private func recordDuplicate(_ bytes: ByteBuffer, at now: UInt64) {
        report.recordFailure(.duplicated, at: now) {
            let shown = ResponseScanner.printable([UInt8](bytes.readableBytesView.prefix(120))[...])
            return "\(bytes.readableBytes) bytes that no request asked for: “\(shown)”"
        }
    }

    /// The connection has ended.
    func lost(_ connection: LoadConnection, error: (any Error)?) {
        guard let slot = connection.slot else { return }
        switch slot.state {
        case .inWork:
            let outcome = ConnectFault.lossOutcome(of: error)
            let stage = connection.isInsideAnswer ? "inside the answer" : "before any answer"
            fail(slot, outcome, at: monotonicNow()) {
                "\(stage) to request \(slot.sequence)" + (error.map { ": \($0)" } ?? " (end of file)")
            }
        case .resting:
            if error is IOError { report.idleReset += 1 } else { report.idleClosed += 1 }
            connection.slot = nil
            slot.connection = nil
            lostBeforeBurst(slot, text: "before the request was sent" + (error.map { ": \($0)" } ?? " (end of file)"))
        case .done:
            report.idleClosed += 1
            slot.connection = nil
        case .queued, .connecting:
            break
        }
    }

    /// A burst's connection that ended while it waited for the others: its request can never be sent.
    private func lostBeforeBurst(_ slot: LoadSlot, text: String) {
        guard case .burst = style, slot.isCounted, slot.state == .resting else { return }
        fail(slot, .closed, at: monotonicNow()) { text }
    }

    /// Records a failure of the request in work, and drops the connection.
    func fail(_ slot: LoadSlot, _ outcome: Outcome, at now: UInt64, text: () -> String) {
        report.recordFailure(outcome, at: now, text: text)
        settle(slot)
        let wasConnecting = slot.state == .connecting
        slot.connection?.abandon()
        slot.connection = nil
        switch style {
        case .burst:
            if wasConnecting { connectSettled() }
            rest(slot)
        case .keepAlive, .fresh:
            if isStopping { return rest(slot) }
            slot.state = .queued
            paused.append((now + Self.pauseAfterFailure, slot))
        }
    }

    /// After an answer: the next request, or the end.
    private func next(_ slot: LoadSlot, keeps: Bool, awaitsClose: Bool) {
        slot.state = .resting
        if !keeps, let connection = slot.connection {
            connection.slot = nil
            slot.connection = nil
            if awaitsClose {
                // The server closes, so that the client's port is free at once and not in TIME_WAIT.
                lingering.append((monotonicNow() + lingerTime, connection))
                // A server that does not close must not cost this process its descriptors.
                if lingering.count > 2048 { lingering.removeFirst().connection.abandon() }
            } else {
                connection.abandon()
            }
        }
        switch style {
        case .burst:
            rest(slot)
        case .keepAlive(let thinkTime):
            if isStopping { return rest(slot) }
            if thinkTime > .zero {
                thinking.append((monotonicNow() + UInt64(clamping: thinkTime.wholeNanoseconds), slot))
            } else {
                begin(slot)
            }
        case .fresh:
            if let connection = slot.connection {
                connection.abandon()
                slot.connection = nil
            }
            if isStopping { return rest(slot) }
            begin(slot)
        }
    }

    /// The slot has no more to do. Its connection stays open to the end, so that an answer too many is seen.
    func rest(_ slot: LoadSlot) {
        guard slot.state != .done else { return }
        slot.state = .done
        doneCount += 1
        if case .burst = style, doneCount == slots.count { beginStop(grace: 0, settle: settle) }
        finishIfDone()
    }
}
