import HTTPServer

/// Two observers of one server.
struct ServerObservers<First: ServerObserver, Second: ServerObserver>: ServerObserver {
    let first: First
    let second: Second

    func answered(_ exchange: Exchange) {
        first.answered(exchange)
        second.answered(exchange)
    }

    func refused(_ request: RefusedRequest) {
        first.refused(request)
        second.refused(request)
    }

    func responderFailed(_ error: any Error, id: RequestID) {
        first.responderFailed(error, id: id)
        second.responderFailed(error, id: id)
    }

    func acceptPaused(_ reason: AcceptPause) {
        first.acceptPaused(reason)
        second.acceptPaused(reason)
    }

    func acceptResumed(_ reason: AcceptPause) {
        first.acceptResumed(reason)
        second.acceptResumed(reason)
    }

    var wantsDetails: Bool { first.wantsDetails || second.wantsDetails }

    func connectionOpened(listener: String, remote: ClientAddress, isTakenUp: Bool) {
        first.connectionOpened(listener: listener, remote: remote, isTakenUp: isTakenUp)
        second.connectionOpened(listener: listener, remote: remote, isTakenUp: isTakenUp)
    }

    func connectionClosed(listener: String, remote: ClientAddress, end: ConnectionEnd) {
        first.connectionClosed(listener: listener, remote: remote, end: end)
        second.connectionClosed(listener: listener, remote: remote, end: end)
    }

    func listenersFailed() {
        first.listenersFailed()
        second.listenersFailed()
    }
}
