/// A clock whose sleepers wait among the timers of one event loop.
struct LoopClock: RequestClock {
    private let loop: EpollLoop

    init(_ loop: EpollLoop) {
        self.loop = loop
    }

    /// Returns after `duration`. See ``RequestClock/sleep(for:)``.
    func sleep(for duration: Duration) async throws {
        let timer = OnLoop(LoopTimer(deadline: loop.readTimeFromAnywhere() + duration), loop)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                timer.use { timer, loop in loop.resume(continuation, by: timer) }
            }
        } onCancel: {
            timer.use { timer, loop in loop.cancel(timer) }
        }
    }
}

/// Carries what belongs to an event loop through code that runs elsewhere; it is used on the loop only.
struct OnLoop<Value>: @unchecked Sendable {
    private let value: Value
    private let loop: EpollLoop

    init(_ value: Value, _ loop: EpollLoop) {
        self.value = value
        self.loop = loop
    }

    /// The value, on the loop.
    var here: Value {
        assert(loop.isCurrent, "used off its event loop")
        return value
    }

    /// Calls `body` with the value: at once on the loop, from elsewhere in a turn of it.
    func use(_ body: @escaping @Sendable (Value, EpollLoop) -> Void) {
        if loop.isCurrent { body(value, loop) } else { loop.execute { [self] in body(value, loop) } }
    }
}
