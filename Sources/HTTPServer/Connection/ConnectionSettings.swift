import HTTPTypes

/// What every connection shares that is accepted between two changes of the settings.
final class ConnectionSettings: Sendable {
    let limits: RequestLimits
    let timeouts: ConnectionTimeouts
    let forwarding: ForwardingTrust
    let responder: any Responder
    let observer: any ServerObserver
    /// Names of the fields that are kept of a head while its request waits; nil for all.
    let keptFields: Set<String>?

    init(_ settings: HTTPServer.Settings, responder: any Responder, observer: any ServerObserver) {
        limits = settings.limits
        timeouts = settings.timeouts
        forwarding = settings.forwarding
        var keptFields = responder.fields
        if let name = settings.forwarding.field.name { keptFields?.insert("\(name)") }
        self.keptFields = keptFields
        self.responder = responder
        self.observer = observer
    }
}

/// The answers that the server gives by itself, encoded once.
enum ServerAnswers {
    /// For a responder that threw.
    static let failure = Response(status: .internalServerError, detail: "Internal Server Error")

    private static let refusals = Dictionary(
        uniqueKeysWithValues: Refusal.allCases.map { refusal in
            let fields = refusal.status == .serviceUnavailable ? retryAfter : [:]
            return (refusal, Response(status: refusal.status, detail: refusal.detail, fields: fields))
        }
    )

    /// For a refused request.
    static func refusal(_ refusal: Refusal) -> Response {
        refusals[refusal] ?? Response(status: refusal.status, detail: refusal.detail)
    }

    private static let retryAfter = HTTPFields([HTTPField(name: .retryAfter, value: "1")])
    private static let unread = Response(
        status: .serviceUnavailable,
        detail: "Clients leave too much of their answers unread (limits.unread_answers).",
        fields: retryAfter
    )

    /// In place of an answer for which there is no memory.
    static func overBudget(_ response: Response) -> Response {
        var answer = unread
        (answer.route, answer.routeNumber) = (response.route, response.routeNumber)
        return answer
    }
}
