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

    func listenersFailed() {
        first.listenersFailed()
        second.listenersFailed()
    }
}
