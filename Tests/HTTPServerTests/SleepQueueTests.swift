import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HTTPServer

@Suite("Requests that sleep")
struct SleepQueueTests {
    /// Tasks that sleep on a loop's clock, and how each ended.
    private final class Sleepers: Sendable {
        let loop = NIOAsyncTestingEventLoop()
        let queue: NIOLoopBound<SleepQueue>
        let clock: EventLoopClock
        let woken = Atomic<Int>(0)
        let cancelled = Atomic<Int>(0)

        init() async throws {
            let loop = loop
            queue = try await loop.submit { NIOLoopBound(SleepQueue(eventLoop: loop), eventLoop: loop) }.get()
            clock = try await loop.submit { [queue] in EventLoopClock(queue: queue.value, eventLoop: loop) }.get()
        }

        func sleep(_ duration: Duration) -> Task<Void, Never> {
            Task {
                do {
                    try await clock.sleep(for: duration)
                    woken.add(1, ordering: .relaxed)
                } catch {
                    if error is CancellationError { cancelled.add(1, ordering: .relaxed) }
                }
            }
        }

        /// How many the queue holds, after the loop has done what was asked of it.
        func held() async throws -> Int {
            try await loop.submit { self.queue.value.count }.get()
        }
    }

    @Test("are woken in the order of their time, and not before it")
    func order() async throws {
        let sleepers = try await Sleepers()
        for seconds in [3, 1, 2] { _ = sleepers.sleep(.seconds(seconds)) }
        try await eventuallyHeld(3, sleepers)
        await sleepers.loop.advanceTime(by: .milliseconds(999))
        #expect(sleepers.woken.load(ordering: .relaxed) == 0)
        for expected in 1...3 {
            await sleepers.loop.advanceTime(by: .seconds(1))
            try await eventually("\(expected) are awake") { sleepers.woken.load(ordering: .relaxed) == expected }
            #expect(try await sleepers.held() == 3 - expected)
        }
    }

    @Test("are woken in batches where many are due together, so that the loop can poll between them")
    func batches() async throws {
        let sleepers = try await Sleepers()
        let count = SleepQueue.batch * 3 + 1
        for _ in 0..<count { _ = sleepers.sleep(.seconds(1)) }
        try await eventuallyHeld(count, sleepers)
        await sleepers.loop.advanceTime(by: .seconds(1))
        #expect(try await sleepers.held() == count - SleepQueue.batch)
        for turn in 2...3 {
            await sleepers.loop.advanceTime(by: .microseconds(20))
            #expect(try await sleepers.held() == count - turn * SleepQueue.batch)
        }
        await sleepers.loop.advanceTime(by: .microseconds(20))
        #expect(try await sleepers.held() == 0)
        try await eventually("all are awake") { sleepers.woken.load(ordering: .relaxed) == count }
    }

    @Test("are woken at once when they are cancelled, and do not pile up")
    func cancelled() async throws {
        let sleepers = try await Sleepers()
        let tasks = (0..<1000).map { _ in sleepers.sleep(.seconds(3600)) }
        _ = sleepers.sleep(.seconds(1))
        try await eventuallyHeld(1001, sleepers)
        for task in tasks { task.cancel() }
        try await eventually("all are cancelled") { sleepers.cancelled.load(ordering: .relaxed) == 1000 }
        // At most half of those held, or a few, are cancelled ones.
        #expect(try await sleepers.held() <= 1 + 64 + 1)
        await sleepers.loop.advanceTime(by: .seconds(1))
        try await eventually("the one that was not is awake") { sleepers.woken.load(ordering: .relaxed) == 1 }
    }

    @Test("do not begin to sleep when they were cancelled before")
    func cancelledBefore() async throws {
        let sleepers = try await Sleepers()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await sleepers.clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await sleepers.held() == 0)
    }

    private func eventuallyHeld(_ count: Int, _ sleepers: Sleepers) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try await sleepers.held() != count {
            try #require(ContinuousClock.now < deadline, "\(count) asleep")
            await Task.yield()
        }
    }
}
