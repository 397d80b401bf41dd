import Histogram
import NIOCore
import NIOPosix

extension LoadWorker {
    /// Puts a slot in the queue for a connection.
    func enqueue(_ slot: LoadSlot) {
        slot.state = .queued
        connectQueue.append(slot)
    }

    /// Begins as many connects as the pace allows.
    func pump() {
        guard !isPumping, !isFinished else { return }
        isPumping = true
        defer { isPumping = false }
        let now = monotonicNow()
        guard now >= holdUntil else { return }
        while !connectQueue.isEmpty, connecting < pace.unfinishedConnects, holdUntil <= now {
            // What was begun before the stop may still finish; what was not is not begun.
            if isStopping, let slot = connectQueue.first, !slot.isCounted {
                connectQueue.removeFirst()
                dropUnbegun(slot, now)
                continue
            }
            if let rate = pace.connectsPerSecond {
                let elapsed = Double(now - report.startNanoseconds) / 1e9
                guard Double(connectsBegun) < Double(rate) * elapsed else { return }
            }
            connect(connectQueue.removeFirst())
        }
    }

    private func connect(_ slot: LoadSlot) {
        let connection = LoadConnection(worker: self, slot: slot)
        slot.connection = connection
        slot.state = .connecting
        if !slot.isCounted { slot.since = monotonicNow() }
        attempt(slot)
        connecting += 1
        connectsBegun += 1
        let bound = NIOLoopBound(connection, eventLoop: loop)
        ClientBootstrap(group: loop)
            // The sweep ends a connect that takes too long.
            .connectTimeout(.hours(24))
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenComplete { [self] result in
                connecting -= 1
                connectEnded(connection, result)
                pump()
                finishIfDone()
            }
    }

    /// A request that a stop came before. A burst was to make them all, so there it is a failure.
    func dropUnbegun(_ slot: LoadSlot, _ now: UInt64) {
        guard case .burst = style else { return rest(slot) }
        attempt(slot)
        fail(slot, .unfinished, at: now) { "never begun: the load's time was over" }
    }

    private func connectEnded(_ connection: LoadConnection, _ result: Result<any Channel, any Error>) {
        guard let slot = connection.slot, slot.state == .connecting else {
            // The sweep gave it up.
            if case .success(let channel) = result { channel.close(promise: nil) }
            return
        }
        let now = monotonicNow()
        switch result {
        case .success:
            queueFullSince = nil
            report.connections += 1
            if slot.hadConnection { report.reconnects += 1 }
            slot.hadConnection = true
            report.connectLatency.record((now - slot.since) / 1000)
            connected(slot)
        case .failure(let error) where plan.target.isUnix && ConnectFault.isQueueFull(error):
            holdForQueue(slot, now)
        case .failure(let error):
            fail(slot, ConnectFault.outcome(of: error), at: now) { ConnectFault.text(of: error) }
        }
    }

    private func connected(_ slot: LoadSlot) {
        if case .burst(waitForAll: true) = style, !isStopping {
            slot.state = .resting
            connectSettled()
        } else {
            send(slot)
        }
    }

    /// Counts down to the moment when all of a burst's slots are connected or have failed.
    func connectSettled() {
        guard awaitsConnect > 0 else { return }
        awaitsConnect -= 1
        if awaitsConnect == 0 { allConnected.succeed() }
    }

    /// A full queue of a Unix socket: a blocking connect would wait, so does this, and holds all other connects, too.
    private func holdForQueue(_ slot: LoadSlot, _ now: UInt64) {
        let since = queueFullSince ?? now
        queueFullSince = since
        report.connectRetries += 1
        slot.connection?.abandon()
        slot.connection = nil
        slot.state = .queued
        connectQueue.prepend(slot)
        // The longer it has been full, the more patience: 1 to 20 ms.
        holdUntil = now + min(20_000_000, max(1_000_000, (now - since) / 8))
        guard now - since > timeout else { return }
        queueFullSince = nil
        let waiting = connectQueue
        connectQueue.removeAll()
        for slot in waiting {
            // Those that never got to try have been waiting for the same queue.
            attempt(slot)
            slot.state = .connecting
            fail(slot, .timedOut, at: now) { [plan] in
                "connect: EAGAIN, the listener's queue stayed full for \(plan.timeout.secondsText) s"
            }
        }
    }
}
