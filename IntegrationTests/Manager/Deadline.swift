/// One bound on several steps together.
struct Deadline: Sendable {
    /// How long they may take, for messages.
    let limit: Duration
    private var instant: ContinuousClock.Instant

    /// Begins now.
    init(in limit: Duration) {
        self.limit = limit
        instant = .now + limit
    }

    /// What is left; nothing when it has passed.
    var left: Duration { max(.zero, instant - .now) }

    /// Whether there is no time left.
    var hasPassed: Bool { instant <= .now }

    /// Leaves out what somebody else did in between.
    mutating func extend(by pause: Duration) {
        instant += pause
    }
}
