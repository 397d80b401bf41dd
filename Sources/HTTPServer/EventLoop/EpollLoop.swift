import CGlibc
import Glibc
import Synchronization

/// An event loop on epoll(7): one thread that waits for descriptors, runs tasks and keeps timers.
///
/// Why not SwiftNIO's: with its channels and their pipelines a request took 9.9 µs of processor time where it takes 6.0
/// here, of which 5.1 are the kernel's, and a connection 4 KiB more.
///
/// The loop is also a task executor: a responder stays on its connection's thread from one suspension to the next
/// (Swift evolution SE-0417).
///
/// Its state is used on its own thread only; ``execute(_:)`` and ``enqueue(_:)`` may be called from any.
public final class EpollLoop: TaskExecutor, @unchecked Sendable {
    /// Timers that one turn serves, or as many as descriptors if these were more. When 10,000 requests that came together are due together, the loop polls between
    /// batches of them, so that new requests are not held up.
    static let timersPerTurn = 64
    /// What one read brings at most.
    static let readSize = 16384

    /// The time, read once a turn and by ``readTime()``.
    private(set) var now: MonotonicTime
    /// Where a connection reads to; what it brings is used up, or copied, before the next one reads.
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: EpollLoop.readSize)
    /// Where answers are put together; empty whenever no connection is at it.
    var output = OutputBuffer()

    private var poll: Epoll
    private let alarm: Alarm
    private var timers = TimerQueue()
    private var jobs: [UnownedJob] = []
    private var putOff: [() -> Void] = []
    private let inbox = Mutex<[Work]>([])
    private let thread = Atomic<UInt>(0)
    private let isStopped = Atomic<Bool>(false)
    private let time: @Sendable () -> MonotonicTime

    /// What another thread asks for.
    private enum Work {
        case call(@Sendable () -> Void)
        case job(UnownedJob)
    }

    /// An eventfd(2) that ends a wait. It is watched for its edges, and so never has to be read.
    private final class Alarm: Pollable {
        func ring() {
            var one: UInt64 = 1
            write(descriptor, &one, MemoryLayout<UInt64>.size)
        }

        deinit { close(descriptor) }
    }

    /// Creates a loop that somebody turns; see ``start(_:)`` for one with a thread.
    ///
    /// - Parameter time: The clock, for tests.
    init(time: @escaping @Sendable () -> MonotonicTime) throws {
        self.time = time
        now = time()
        poll = try Epoll()
        let descriptor = eventfd(0, O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemCallError("eventfd") }
        alarm = Alarm(descriptor: descriptor)
        try poll.add(alarm, for: [.input, Readiness(rawValue: POLL_EDGES)])
    }

    /// Creates a loop that the calling thread is to turn with ``run()``.
    ///
    /// - Throws: ``SystemCallError`` when there is no descriptor for it.
    package convenience init() throws { try self.init(time: { .now() }) }

    deinit {
        input.deallocate()
    }

    /// Starts as many loops, each with a thread of its own.
    ///
    /// - Throws: ``SystemCallError`` when there is no descriptor, or no thread, for them.
    public static func start(_ count: Int) throws -> [EpollLoop] {
        try (0..<count).map { number in
            let loop = try EpollLoop()
            try loop.startThread(named: "loop-\(number)")
            return loop
        }
    }

    private func startThread(named name: String) throws {
        var started = pthread_t()
        let result = pthread_create(
            &started,
            nil,
            { argument in
                if let argument { Unmanaged<EpollLoop>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        guard result == 0 else {
            Unmanaged.passUnretained(self).release()
            throw SystemCallError("cannot start a thread", code: result)
        }
        pthread_detach(started)
        pthread_setname_np(started, name)
    }

    /// Turns the loop on the calling thread, until it is stopped.
    package func run() {
        while !isStopped.load(ordering: .relaxed) { turn() }
        poll.remove(alarm)
        poll.endTurn()
        // The thread's identifier may become another's.
        thread.store(0, ordering: .relaxed)
    }

    /// Ends the loop's thread once its present turn is over. What is asked of it afterwards is not done.
    public func stop() {
        execute { self.isStopped.store(true, ordering: .relaxed) }
    }

    // MARK: Turning

    /// Waits for something to do, and does it: descriptors first, then what other threads asked for, timers, tasks.
    func turn(mayWait: Bool = true) {
        if thread.load(ordering: .relaxed) != UInt(pthread_self()) {
            thread.store(UInt(pthread_self()), ordering: .relaxed)
        }
        // What is put off from here on waits for the turn after this one.
        let due = putOff
        putOff = []
        let ready = poll.wait(mayWait && due.isEmpty ? timeout : 0)
        readTime()
        for index in 0..<ready {
            guard let (pollable, readiness) = poll.ready(index) else { continue }
            pollable._withUnsafeGuaranteedRef { $0.isReady(for: readiness) }
        }
        takeFromInbox()
        for body in due { body() }
        for _ in 0..<max(Self.timersPerTurn, ready) {
            guard let action = timers.takeDue(at: now) else { break }
            switch action {
            case .call(let body): body()
            case .resume(let continuation): continuation.resume()
            }
        }
        runJobs()
        poll.endTurn()
    }

    /// How long to wait: see ``Epoll/wait(_:)``.
    private var timeout: CInt {
        if !jobs.isEmpty || !putOff.isEmpty { return 0 }
        return timers.earliest.map { time().pollTimeout(until: $0) } ?? -1
    }

    private func takeFromInbox() {
        let work = inbox.withLock { inbox in
            if inbox.isEmpty { return [Work]() }
            defer { inbox = [] }
            return inbox
        }
        for item in work {
            switch item {
            case .call(let body): body()
            case .job(let job): jobs.append(job)
            }
        }
    }

    /// Has `body` called in the next turn, whatever comes meanwhile: for work that is done in parts, so that others have
    /// their turns in between. On the loop only.
    func putOff(_ body: @escaping () -> Void) { putOff.append(body) }

    /// Whether something is put off; for tests.
    var hasPutOff: Bool { !putOff.isEmpty }

    /// Runs the parts of tasks that are due; what these enqueue waits for the next turn.
    private func runJobs() {
        guard !jobs.isEmpty else { return }
        let due = jobs
        jobs = []
        for job in due { job.runSynchronously(on: asUnownedTaskExecutor()) }
        // The memory is used again, unless it was much.
        if jobs.isEmpty, due.count <= 1024 {
            jobs = due
            jobs.removeAll(keepingCapacity: true)
        }
    }

    /// Reads the clock.
    @discardableResult
    func readTime() -> MonotonicTime {
        now = time()
        return now
    }

    /// The time, on whatever thread.
    func readTimeFromAnywhere() -> MonotonicTime { isCurrent ? readTime() : time() }

    // MARK: Asking the loop

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Has `body` called in a turn of the loop, after what was asked for before.
    public func execute(_ body: @escaping @Sendable () -> Void) { ask(.call(body)) }

    /// Calls `body` in a turn of the loop, and returns what it returns.
    func call<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withUnsafeContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }

    /// Runs a part of a task on the loop. See `TaskExecutor`.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { jobs.append(job) } else { ask(.job(job)) }
    }

    private func ask(_ work: Work) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        if isFirst { alarm.ring() }
    }

    // MARK: Timers

    /// Has `body` called at a time, on the loop.
    @discardableResult
    func schedule(at deadline: MonotonicTime, _ body: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(deadline: deadline)
        _ = timers.add(timer, .call(body))
        return timer
    }

    /// Resumes a task when the timer is due.
    func resume(_ continuation: UnsafeContinuation<Void, any Error>, by timer: LoopTimer) {
        if !timers.add(timer, .resume(continuation)) { continuation.resume(throwing: CancellationError()) }
    }

    /// Has `body` called on the loop, again and again, until that is cancelled.
    package func tick(every interval: Duration, _ body: @escaping @Sendable () -> Void) -> Ticking {
        let ticking = Ticking()
        execute { self.scheduleTick(ticking, interval, body) }
        return ticking
    }

    private func scheduleTick(_ ticking: Ticking, _ interval: Duration, _ body: @escaping @Sendable () -> Void) {
        schedule(at: now + interval) {
            guard !ticking.isCancelled.load(ordering: .relaxed) else { return }
            body()
            self.scheduleTick(ticking, interval, body)
        }
    }

    /// Something that is done again and again.
    package final class Ticking: Sendable {
        fileprivate let isCancelled = Atomic(false)

        /// Ends it.
        package func cancel() { isCancelled.store(true, ordering: .relaxed) }
    }

    /// Cancels a timer. A task that waits for it is resumed at once, with `CancellationError`.
    func cancel(_ timer: LoopTimer) {
        if case .resume(let continuation) = timers.cancel(timer) { continuation.resume(throwing: CancellationError()) }
    }

    /// Timers that are held; for tests.
    var timerCount: Int { timers.count }

    // MARK: Descriptors

    /// Watches a descriptor, and holds its owner until it is removed.
    func add(_ pollable: Pollable, for interest: Readiness) throws { try poll.add(pollable, for: interest) }

    /// Watches it for something else.
    func change(_ pollable: Pollable, to interest: Readiness) { poll.change(pollable, to: interest) }

    /// Watches it no more.
    func remove(_ pollable: Pollable) { poll.remove(pollable) }

    /// Has `body` called, on the loop, whenever something can be read from a descriptor. For as long as the loop lives.
    ///
    /// - Throws: ``SystemCallError`` when the kernel watches no more.
    package func watch(_ descriptor: CInt, _ body: @escaping @Sendable () -> Void) async throws {
        let failure: (any Error)? = await call {
            do {
                try self.add(Watched(descriptor, body), for: .input)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private final class Watched: Pollable {
        private let body: () -> Void

        init(_ descriptor: CInt, _ body: @escaping () -> Void) {
            self.body = body
            super.init(descriptor: descriptor)
        }

        override func isReady(for readiness: Readiness) { body() }
    }
}
