import HTTPTypes
import NIOCore

// MARK: Answering

extension Connection {
    func start(_ head: RequestHead) {
        let id = head.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        let since = loop.eventLoop.now
        let request = Request(
            head: head,
            id: id,
            listener: listener,
            clock: loop.clock,
            isDraining: loop.isDraining
        )
        loop.counters.inFlight.add(1)
        switch settings.responder.reply(to: request) {
        case .now(let response):
            loop.counters.inFlight.add(-1)
            loop.counters.answered.add(1)
            answer(response, to: head, id: id, since: since)
        case .after(let delay, let response):
            let deadline = loop.eventLoop.readTime() + TimeAmount(delay)
            begin(Work(head: head, id: id, since: since)).timer = loop.eventLoop.schedule(at: deadline) {
                self.finish(.success(response))
            }
        case .later(let respond):
            let work = begin(Work(head: head, id: id, since: since))
            let connection = OnLoop(self, loop.eventLoop)
            // Runs at once, here, up to its first suspension; from there on in turns of the loop.
            work.task = Task.immediate(executorPreference: loop.eventLoop) {
                do {
                    let response = try await respond()
                    connection.here.finish(.success(response))
                } catch {
                    connection.here.finish(.failure(error))
                }
            }
        }
    }

    private func begin(_ work: Work) -> Work {
        self.work = work
        return work
    }

    private func finish(_ result: Result<Response, any Error>) {
        guard let work else { return }
        self.work = nil
        loop.counters.inFlight.add(-1)
        switch result {
        case .success(let response):
            loop.counters.answered.add(1)
            answer(response, to: work.head, id: work.id, since: work.since)
        case .failure(let error):
            loop.counters.failed.add(1)
            settings.observer.responderFailed(error, id: work.id)
            answer(ServerAnswers.failure, to: work.head, id: work.id, since: work.since)
        }
        // Within `process`, its end flushes.
        if !isProcessing { processHeld() }
    }

    private func answer(_ response: Response, to head: RequestHead, id: RequestID, since: NIODeadline) {
        guard state.phase == .working else { return }
        let now = loop.eventLoop.readTime()
        let next = state.answered(at: now, hasBufferedInput: hasBufferedInput)
        let isToHead = head.method == .head
        ResponseEncoder.encode(
            response,
            id: id,
            date: loop.date,
            persistence: next == .finish ? .closes : head.isHTTP10 ? .staysForHTTP10 : .stays,
            withoutBody: isToHead,
            into: &loop.eventLoop.output
        )
        settings.observer.answered(
            Exchange(
                head: head,
                id: id,
                listener: listener,
                remote: remote,
                status: response.status,
                route: response.route,
                routeNumber: response.routeNumber,
                responseBytes: isToHead ? 0 : response.body.count,
                duration: .nanoseconds((now - since).nanoseconds)
            )
        )
        if next == .finish { writeLast() }
    }

    func refuse(_ refusal: Refusal, isToHead: Bool) {
        guard state.takesRequests else { return }
        state.refused(at: loop.eventLoop.now)
        let id = head?.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        loop.counters.refused.add(1)
        settings.observer.refused(
            RefusedRequest(
                refusal: refusal,
                id: id,
                listener: listener,
                remote: remote
            )
        )
        ResponseEncoder.encode(
            ServerAnswers.refusal(refusal),
            id: id,
            date: loop.date,
            persistence: .closes,
            withoutBody: head.map { $0.method == .head } ?? isToHead,
            into: &loop.eventLoop.output
        )
        writeLast()
    }
}
