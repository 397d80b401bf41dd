import Synchronization
import Testing

@testable import Greeting
@testable import HTTPEndpoints

/// What has begun, in its order.
private final class Begun: Sendable {
    private let state = Mutex<[Int]>([])

    var numbers: [Int] { state.withLock { $0 } }

    func add(_ number: Int) { state.withLock { $0.append(number) } }
}

@Suite("Places for calls", .timeLimit(.minutes(1)))
struct CallPlacesTests {
    @Test("those who wait are called in the order in which they came, whoever has left between them")
    func order() {
        var line = WaitingLine<Int>()
        for ticket in 0..<100_000 { line.append(ticket, ticket) }
        for ticket in stride(from: 0, to: 100_000, by: 3) { #expect(line.remove(ticket) == ticket) }
        #expect(line.remove(0) == nil)
        line.append(-1, 100_000)
        var left: [Int] = []
        while let next = line.removeFirst() { left.append(next) }
        #expect(left == (0..<100_000).filter { $0 % 3 != 0 } + [-1])
        #expect(line.count == 0)
        line.append(1, 7)
        #expect(line.removeFirst() == 1 && line.removeFirst() == nil)
    }

    @Test("one that is cancelled while it waits leaves no trace, and the next one is called")
    func cancelled() async throws {
        let places = CallPlaces(1, waiting: 10)
        let (stream, open) = AsyncStream.makeStream(of: Void.self)
        let first = Task { try await places.withPlace { for await _ in stream {} } }
        while places.counts.taken < 1 { await Task.yield() }
        var waiting: [Task<Void, any Error>] = []
        for number in 1...3 {
            waiting.append(Task { try await places.withPlace {} })
            while places.counts.waiting < number { await Task.yield() }
        }
        waiting[0].cancel()
        await #expect(throws: CancellationError.self) { try await waiting[0].value }
        #expect(places.counts == (taken: 1, waiting: 2))
        open.finish()
        try await first.value
        try await waiting[1].value
        try await waiting[2].value
        #expect(places.counts == (taken: 0, waiting: 0))
    }

    @Test("where there are fewer places than before, nobody is called until there is one")
    func fewer() async throws {
        let places = CallPlaces(2, waiting: 10)
        let held = (0..<3).map { _ in AsyncStream.makeStream(of: Void.self) }
        let begun = Begun()
        var tasks: [Task<Void, any Error>] = []
        for (number, (released, _)) in held.enumerated() {
            tasks.append(
                Task {
                    try await places.withPlace {
                        begun.add(number)
                        for await _ in released {}
                    }
                }
            )
            while places.counts.taken + places.counts.waiting <= number { await Task.yield() }
        }
        while begun.numbers.count < 2 { await Task.yield() }
        places.resize(1, waiting: 10)
        held[0].continuation.finish()
        try await tasks[0].value
        #expect(places.counts == (taken: 1, waiting: 1))
        held[1].continuation.finish()
        held[2].continuation.finish()
        for task in tasks { try await task.value }
        #expect(begun.numbers == [0, 1, 2])
    }

    @Test("so many are let in as may go on and wait, together or not at all")
    func admission() {
        let places = CallPlaces(2, waiting: 3)
        #expect(places.admit(3))
        #expect(!places.admit(3))
        #expect(places.admit(2))
        #expect(!places.admit(1))
        places.dismiss(3)
        places.dismiss(2)
        #expect(places.admit(100))
    }
}
