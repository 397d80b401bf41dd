import Glibc
import Synchronization
import Testing

@testable import HTTPServer

/// A loop that the test turns, on a clock that the test sets.
private final class ManualLoop: Sendable {
    private final class Clock: Sendable {
        let nanoseconds = Atomic<UInt64>(1)
    }

    let loop: EpollLoop
    private let clock = Clock()

    init() throws {
        loop = try EpollLoop { [clock] in MonotonicTime(nanoseconds: clock.nanoseconds.load(ordering: .relaxed)) }
    }

    /// Turns until nothing is due, after so much time.
    func advance(_ amount: Duration = .zero, turns: Int = 4) {
        clock.nanoseconds.add(UInt64(amount.attoseconds / 1_000_000_000), ordering: .relaxed)
        for _ in 0..<turns { loop.turn(mayWait: false) }
    }
}

@Suite("Requests that sleep")
struct SleepTests {
    /// Tasks that sleep on a loop's clock, and how each ended.
    private final class Sleepers: Sendable {
        let manual: ManualLoop
        let woken = Atomic<Int>(0)
        let cancelled = Atomic<Int>(0)

        init() throws { manual = try ManualLoop() }

        var loop: EpollLoop { manual.loop }

        func sleep(_ duration: Duration) -> Task<Void, Never> {
            Task.immediate(executorPreference: loop) {
                do {
                    try await LoopClock(self.loop).sleep(for: duration)
                    woken.add(1, ordering: .relaxed)
                } catch {
                    if error is CancellationError { cancelled.add(1, ordering: .relaxed) }
                }
            }
        }
    }

    @Test("are woken in the order of their time, and not before it")
    func order() throws {
        let sleepers = try Sleepers()
        sleepers.manual.advance()
        for seconds in [3, 1, 2] { _ = sleepers.sleep(.seconds(seconds)) }
        #expect(sleepers.loop.timerCount == 3)
        sleepers.manual.advance(.milliseconds(999))
        #expect(sleepers.woken.load(ordering: .relaxed) == 0)
        for expected in 1...3 {
            sleepers.manual.advance(.seconds(1))
            #expect(sleepers.woken.load(ordering: .relaxed) == expected)
            #expect(sleepers.loop.timerCount == 3 - expected)
        }
    }

    @Test("are woken in batches where many are due together, so that the loop can poll between them")
    func batches() throws {
        let sleepers = try Sleepers()
        sleepers.manual.advance()
        let count = EpollLoop.timersPerTurn * 3 + 1
        for _ in 0..<count { _ = sleepers.sleep(.seconds(1)) }
        #expect(sleepers.loop.timerCount == count)
        sleepers.manual.advance(.seconds(1), turns: 1)
        for turn in 1...3 {
            #expect(sleepers.loop.timerCount == count - turn * EpollLoop.timersPerTurn)
            sleepers.manual.advance(turns: 1)
        }
        #expect(sleepers.loop.timerCount == 0)
        #expect(sleepers.woken.load(ordering: .relaxed) == count)
    }

    @Test("are woken at once when they are cancelled, and do not pile up")
    func cancelled() throws {
        let sleepers = try Sleepers()
        sleepers.manual.advance()
        let tasks = (0..<1000).map { _ in sleepers.sleep(.seconds(3600)) }
        _ = sleepers.sleep(.seconds(1))
        #expect(sleepers.loop.timerCount == 1001)
        for task in tasks { task.cancel() }
        sleepers.manual.advance()
        #expect(sleepers.cancelled.load(ordering: .relaxed) == 1000)
        // At most half of those held, or a few, are cancelled ones.
        #expect(sleepers.loop.timerCount <= 1 + 64 + 1)
        sleepers.manual.advance(.seconds(1))
        #expect(sleepers.woken.load(ordering: .relaxed) == 1)
    }

    @Test("do not begin to sleep when they were cancelled before")
    func cancelledBefore() async throws {
        let manual = try ManualLoop()
        manual.advance()
        let loop = manual.loop
        let task = Task.immediate(executorPreference: loop) {
            withUnsafeCurrentTask { $0?.cancel() }
            try await LoopClock(loop).sleep(for: .seconds(1))
        }
        for _ in 0..<4 { loop.turn(mayWait: false) }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(loop.timerCount == 0)
    }

    @Test("are cancelled from another thread, too", .timeLimit(.minutes(1)))
    func cancelledElsewhere() async throws {
        let loops = try EpollLoop.start(1)
        defer { loops[0].stop() }
        let task = Task(executorPreference: loops[0]) { try await LoopClock(loops[0]).sleep(for: .seconds(3600)) }
        while await loops[0].call({ loops[0].timerCount }) == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

@Suite("An event loop")
struct EpollLoopTests {
    /// Notes what it is told of, and does what the test wants then.
    private final class Watched: Pollable {
        var told: [Readiness] = []
        var then: () -> Void = {}

        override func isReady(for readiness: Readiness) {
            told.append(readiness)
            then()
        }
    }

    private func withPair(_ body: (EpollLoop, [CInt]) throws -> Void) throws {
        let manual = try ManualLoop()
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_NONBLOCK, 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        try body(manual.loop, pair)
    }

    @Test("tells of what is ready for as long as it is, and of what it was asked for")
    func level() throws {
        try withPair { loop, pair in
            let watched = Watched(descriptor: pair[0])
            try loop.add(watched, for: .input)
            loop.turn(mayWait: false)
            #expect(watched.told.isEmpty)
            write(pair[1], "x", 1)
            for _ in 0..<2 { loop.turn(mayWait: false) }
            #expect(watched.told == [.input, .input])
            loop.change(watched, to: .output)
            loop.turn(mayWait: false)
            #expect(watched.told.last == .output)
            loop.remove(watched)
            loop.turn(mayWait: false)
            #expect(watched.told.count == 3)
        }
    }

    @Test("one that is removed and let go in the turn in which it is ready does no harm")
    func removedInItsTurn() throws {
        let manual = try ManualLoop()
        let loop = manual.loop
        var told = 0
        for _ in 0..<2 {
            var pair: [CInt] = [0, 0]
            try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | O_NONBLOCK, 0, &pair) == 0)
            defer { close(pair[1]) }
            write(pair[1], "x", 1)
            let watched = Watched(descriptor: pair[0])
            try loop.add(watched, for: .input)
            watched.then = { [unowned watched] in
                told += 1
                loop.remove(watched)
                close(watched.descriptor)
                watched.then = {}
            }
        }
        for _ in 0..<3 { loop.turn(mayWait: false) }
        #expect(told == 2)
    }

    @Test("does what other threads ask for, in the order in which they ask, and wakes for it")
    func asked() async throws {
        let loops = try EpollLoop.start(1)
        defer { loops[0].stop() }
        let seen = Mutex<[Int]>([])
        for number in 0..<1000 { loops[0].execute { seen.withLock { $0.append(number) } } }
        #expect(await loops[0].call { loops[0].isCurrent })
        #expect(!loops[0].isCurrent)
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test("a task that prefers it runs on it, from one suspension to the next")
    func tasks() async throws {
        let loops = try EpollLoop.start(2)
        defer { for loop in loops { loop.stop() } }
        let stayed = await Task(executorPreference: loops[0]) {
            var stayed = loops[0].isCurrent
            for _ in 0..<10 {
                await Task.yield()
                _ = await Task(executorPreference: loops[1]) { loops[1].isCurrent }.value
                stayed = stayed && loops[0].isCurrent
            }
            return stayed
        }.value
        #expect(stayed)
    }
}

@Suite("Timers")
struct TimerQueueTests {
    @Test("are due in their order, once, and not when cancelled")
    func order() {
        var queue = TimerQueue()
        var done: [Int] = []
        let timers = [30, 10, 20].map { LoopTimer(deadline: MonotonicTime(nanoseconds: $0)) }
        for (timer, number) in zip(timers, [3, 1, 2]) {
            let added = queue.add(timer, .call { done.append(number) })
            #expect(added)
        }
        #expect(queue.earliest == MonotonicTime(nanoseconds: 10))
        #expect(queue.takeDue(at: MonotonicTime(nanoseconds: 9)) == nil)
        _ = queue.cancel(timers[2])
        while case .call(let action)? = queue.takeDue(at: MonotonicTime(nanoseconds: 30)) { action() }
        #expect(done == [1, 3])
        #expect(queue.count == 0)
        #expect(queue.cancel(timers[0]) == nil)
    }

    @Test("one that was cancelled before it was set is not set")
    func cancelledBefore() {
        var queue = TimerQueue()
        let timer = LoopTimer(deadline: MonotonicTime(nanoseconds: 1))
        _ = queue.cancel(timer)
        let added = queue.add(timer, .call {})
        #expect(!added)
        #expect(queue.count == 0)
    }
}

private func == (action: LoopTimer.Action?, nothing: _OptionalNilComparisonType) -> Bool {
    if case .none = action { true } else { false }
}
