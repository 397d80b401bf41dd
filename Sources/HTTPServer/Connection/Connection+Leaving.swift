// MARK: Leaving

extension Connection {
    /// The server's plan changes: to end connections, or to hand them over.
    func planned(_ plan: ConnectionState.Plan) {
        state.planned(plan, at: loop.eventLoop.now)
        settle()
        guard plan == .end else { return }
        resumeWork()
        watch()
    }

    /// Whether the next process can take it up from here.
    var canTravel: Bool {
        contentOctets <= OpenConnection.mostContent
            && state.canTravel(unsent: socket.unsentCount, requestTravels: workTravels)
    }

    /// Leaves if the plan is to, and if it can; tells a hand-over that waits for it when it need not wait any more.
    func settle() {
        if holdsUpHandOver, state.phase == .closed || canTravel {
            holdsUpHandOver = false
            loop.holdsUpNoMore()
        }
        guard state.plan == .handOver, !state.isLeaving, !isProcessing, canTravel else { return }
        state.leaves()
        loop.eventLoop.remove(self)
        suspendWork()
        countContent()
        loop.leaves(self)
    }

    /// What is handed over; nil if the connection has ended.
    func description() -> OpenConnection? {
        guard let stage = state.stage else { return nil }
        var request: OpenConnection.UnansweredRequest?
        if stage == .body, let head {
            request = OpenConnection.UnansweredRequest(
                head: head.octets,
                body: parser.bodyProgress,
                content: parser.content
            )
        } else if stage == .working, let work {
            request = OpenConnection.UnansweredRequest(
                head: work.head.octets,
                id: work.id.description,
                travels: work.travels,
                content: work.content.isEmpty ? nil : work.content
            )
        }
        return OpenConnection(
            descriptor: descriptor,
            listener: origin.name,
            client: proxied?.client,
            awaitsProxyHeader: proxied?.awaitsHeader ?? false,
            stage: stage,
            isNew: state.requestsBegun == 0,
            acceptedAt: state.acceptedAt.nanoseconds,
            since: (work?.since ?? state.since).nanoseconds,
            leftAt: loop.eventLoop.now.nanoseconds,
            stalledSince: state.stalledSince?.nanoseconds,
            request: request,
            received: held,
            unsent: Array(socket.unsentOctets)
        )
    }

    /// Nobody keeps it, or it is taken back: it is ended like one of a server that stops.
    func comesBack() {
        awaitsTurn = false
        do {
            try loop.eventLoop.add(self, for: [])
        } catch {
            // The kernel watches no more; nobody can be served without.
            return close(.unwatchable)
        }
        planned(.end)
        processHeld()
    }
}

// MARK: Taking up

extension Connection {
    /// Makes a connection of what another server knew of it.
    ///
    /// - Returns: nil where that is not what a server knows of a connection.
    static func takingUp(
        _ open: OpenConnection,
        loop: LoopContext,
        settings: ConnectionSettings,
        origin: ConnectionOrigin
    ) -> (connection: Connection, head: RequestHead?)? {
        var parser = RequestParser(limits: settings.limits)
        var head: RequestHead?
        if let request = open.request {
            guard
                let taken = RequestParser.takingUp(
                    request.head,
                    request.body,
                    content: request.content,
                    limits: settings.limits
                )
            else { return nil }
            (parser, head) = taken
        }
        let connection = Connection(
            takingUp: open,
            peer: ClientAddress(peerOf: open.descriptor),
            loop: loop,
            settings: settings,
            origin: origin,
            state: ConnectionState(
                timeouts: settings.timeouts,
                takingUp: open,
                keepsAlive: head?.semantics.keepsAlive ?? true,
                at: loop.eventLoop.now
            ),
            parser: parser
        )
        // It was looked at before; by other settings now, it may be malformed, and says nothing then.
        if let head { try? connection.proxied?.began(head, behind: connection.peer, settings.forwarding) }
        if open.stage == .body { connection.head = head }
        return (connection, head)
    }

    /// Goes on from where the other server left off.
    func goOn(with open: OpenConnection, _ head: RequestHead?) throws {
        try loop.eventLoop.add(self, for: wantsInput ? .input : [])
        loop.add(self)
        countUnread()
        loop.counters.takenUp.add(1)
        tellOpened()
        if loop.plan != .serve { state.planned(loop.plan, at: loop.eventLoop.now) }
        // Its answer may be longer than the socket takes: those before it come first.
        if socket.hasUnsent {
            sendRest()
            if socket.hasUnsent { state.writeStalled(true, at: loop.eventLoop.now) }
        } else if state.phase == .finishing {
            lastAnswerFlushed()
        }
        if state.phase == .working, let request = open.request, let head {
            loop.counters.requestsTakenUp.add(1)
            takeUp(request, head, since: MonotonicTime(nanoseconds: min(open.since, loop.eventLoop.now.nanoseconds)))
        }
        processHeld()
    }
}
