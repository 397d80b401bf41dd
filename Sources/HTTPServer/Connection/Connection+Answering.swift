import HTTPTypes

// MARK: Answering

extension Connection {
    func start(_ head: RequestHead, _ content: [UInt8]) {
        let id = head.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        let since = loop.eventLoop.now
        if loop.awaitsHandOver, content.count <= OpenConnection.mostContent, !settings.responder.mayRepeat(head) {
            // It would hold the hand-over up. Nobody has been asked, so that the next process can do it.
            work = Work(head: head, id: id, since: since, travels: 0, content: content)
        } else if !loop.work.affordsOne, !origin.isAlwaysAnswered, !settings.responder.isAlwaysAnswered(head) {
            turnAway(head, id: id)
        } else {
            ask(head, content, id: id, since: since, travels: 0)
        }
    }

    /// Asks the responder, again if the request was in work before: its waits go on from where they were.
    private func ask(
        _ head: RequestHead,
        _ content: [UInt8],
        id: RequestID,
        since: MonotonicTime,
        travels: Int,
        isResumed: Bool = false
    ) {
        let began = isResumed ? since : nil
        let request = Request(
            head: head,
            id: id,
            listener: origin.name,
            clock: loop.clock,
            remote: remote,
            isDraining: loop.plan.endsWithAnswer,
            age: began.map { max(.zero, loop.eventLoop.now - $0) } ?? .zero,
            content: content
        )
        loop.counters.inFlight.add(1)
        switch settings.responder.reply(to: request) {
        case .now(let response):
            loop.counters.inFlight.add(-1)
            loop.counters.answered.add(1)
            answer(response, to: head, id: id, since: since)
        case .after(let delay, let response):
            let deadline = (began ?? loop.eventLoop.readTime()) + delay
            // Its answer is known: the content is only needed to ask again.
            let content = content.isEmpty || settings.responder.mayRepeat(head) ? content : []
            begin(Work(head: kept(head), id: id, since: since, travels: travels + 1, content: content)).timer =
                loop.eventLoop.schedule(at: deadline) { self.finish(.success(response)) }
        case .later(let respond):
            let work = begin(Work(head: head, id: id, since: since, travels: travels + 1, content: content))
            let connection = OnLoop((self, work), loop.eventLoop)
            // Runs at once, here, up to its first suspension; from there on in turns of the loop.
            work.task = Task.immediate(executorPreference: loop.eventLoop) {
                let result: Result<Response, any Error>
                do {
                    result = .success(try await respond())
                } catch {
                    result = .failure(error)
                }
                let (connection, work) = connection.here
                // One that was told to stop, lest two processes answer, has nothing to say.
                if connection.work === work { connection.finish(result) }
            }
        }
    }

    private func begin(_ work: Work) -> Work {
        self.work = work
        return work
    }

    /// What is kept of a head while its answer, which is known, waits: enough to ask again.
    private func kept(_ head: RequestHead) -> RequestHead {
        head.length <= RequestHead.usualLength ? head : head.reduced(to: settings.keptFields) ?? head
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

    private func answer(_ response: Response, to head: RequestHead, id: RequestID, since: MonotonicTime) {
        guard state.phase == .working else { return }
        let now = loop.eventLoop.readTime()
        let response = loop.unread.affords(response.body.count) ? response : ServerAnswers.overBudget(response)
        let next = write(response, to: head, id: id, at: now)
        settings.observer.answered(
            Exchange(
                head: head,
                id: id,
                listener: origin.name,
                remote: remote,
                proxy: proxy,
                status: response.status,
                route: response.route,
                routeNumber: response.routeNumber,
                responseBytes: head.method == .head ? 0 : response.body.count,
                duration: now - since
            )
        )
        proxied?.ended()
        if next == .finish {
            end = .answered
            writeLast()
        }
    }

    private func write(
        _ response: Response,
        to head: RequestHead,
        id: RequestID,
        at now: MonotonicTime
    ) -> ConnectionState.AfterAnswer {
        let next = state.answered(at: now, holdsRequest: holdsRequest)
        ResponseEncoder.encode(
            response,
            id: id,
            date: loop.date,
            persistence: next == .finish ? .closes : head.isHTTP10 ? .staysForHTTP10 : .stays,
            withoutBody: head.method == .head,
            into: &loop.eventLoop.output
        )
        return next
    }

    /// Too many requests are in work: nobody is asked. The connection goes on, since another would cost more.
    private func turnAway(_ head: RequestHead, id: RequestID) {
        tellRefused(.overloaded, id: id, excerpt: Self.beginning(head.octets.span))
        let next = write(ServerAnswers.refusal(.overloaded), to: head, id: id, at: loop.eventLoop.now)
        proxied?.ended()
        if next == .finish {
            end = .answered
            writeLast()
        }
    }

    private func tellRefused(_ refusal: Refusal, id: RequestID, excerpt: @autoclosure () -> [UInt8]) {
        loop.counters.refused.add(1)
        settings.observer.refused(
            RefusedRequest(
                refusal: refusal,
                id: id,
                listener: origin.name,
                remote: remote,
                proxy: proxy,
                excerpt: settings.observer.wantsDetails ? String(decoding: excerpt(), as: UTF8.self) : nil
            )
        )
    }

    /// Where connections are to end: whether another whole request was sent before.
    private var holdsRequest: Bool {
        guard state.plan.endsWithAnswer, heldOctets > 0 else { return false }
        return isProcessing ? holdsFollowing : held.withUnsafeBufferPointer { parser.holdsRequest($0.span) }
    }

    /// Octets of a refused request that are told to who looks for a fault.
    private static let excerptLength = 256

    func refuse(_ refusal: Refusal, isToHead: Bool, excerpt: Span<UInt8>) {
        guard state.takesRequests else { return }
        end = .refused
        state.refused(at: loop.eventLoop.now)
        let id = head?.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        tellRefused(refusal, id: id, excerpt: Self.beginning(excerpt))
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

    private static func beginning(_ octets: Span<UInt8>) -> [UInt8] {
        octets.extracting(first: excerptLength).withUnsafeBufferPointer { Array($0) }
    }

    // MARK: Work that changes hands

    /// Takes up a request that another server had in work.
    func takeUp(_ request: OpenConnection.UnansweredRequest, _ head: RequestHead, since: MonotonicTime) {
        let id = request.id.map(RequestID.caller) ?? loop.requestIDs.next()
        ask(head, request.content ?? [], id: id, since: since, travels: request.travels, isResumed: true)
    }

    /// Whether the request in work may be asked again elsewhere.
    var workTravels: Bool {
        guard let work else { return false }
        if work.isUnasked { return true }
        return work.travels <= OpenConnection.mostTravels && settings.responder.mayRepeat(work.head)
    }

    /// Asks nobody any more: whoever takes the connection up does.
    func suspendWork() {
        guard let work, !work.isUnasked else { return }
        cancel(work)
        // Another one, so that the task that was cancelled is no longer about it.
        self.work = Work(
            head: work.head,
            id: work.id,
            since: work.since,
            travels: work.travels,
            content: work.content
        )
    }

    /// Asks, if nobody is asked.
    func resumeWork() {
        guard let work, work.isUnasked else { return }
        self.work = nil
        ask(
            work.head,
            work.content,
            id: work.id,
            since: work.since,
            travels: max(work.travels - 1, 0),
            isResumed: true
        )
        if self.work == nil { processHeld() }
    }

    func cancel(_ work: Work) {
        loop.counters.inFlight.add(-1)
        work.task?.cancel()
        if let timer = work.timer { loop.eventLoop.cancel(timer) }
    }
}

extension Connection.Work {
    /// Whether no responder is asked, so that no answer will come.
    var isUnasked: Bool { task == nil && timer == nil }
}
