import Glibc
import JournalLogging
import Synchronization
import Testing

@testable import HTTPDaemon

@Suite("What runs beside the endpoints")
struct BackgroundRunnerTests {
    /// Notes what happens to it. Ends when it is told to, at once, with an error, or not before its task is cancelled.
    private final class Work: BackgroundWork {
        enum Kind { case obedient, failing, stubborn }

        struct Failure: Error {}

        private let name: String
        private let kind: Kind
        private let noted: Notes
        private let told: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

        init(_ name: String, _ kind: Kind, _ noted: Notes) {
            (self.name, self.kind, self.noted) = (name, kind, noted)
            told = AsyncStream.makeStream(of: Void.self)
        }

        func run() async throws {
            if kind == .failing { throw Failure() }
            for await _ in told.stream {}
            noted.add("\(name) \(Task.isCancelled ? "cancelled" : "ended")")
        }

        func end() async {
            noted.add("\(name) told")
            if kind == .obedient { told.continuation.finish() }
        }
    }

    private final class Notes: Sendable {
        private let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// A journal that goes to a file which nobody reads.
    private func journal() throws -> Journal {
        let descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
        return Journal(pipeline: try LogPipeline(format: .text, identifier: "x", descriptor: descriptor))
    }

    private func runner(_ works: [Work], patience: Duration, _ notes: Notes) throws -> BackgroundRunner {
        BackgroundRunner(works, try journal(), patience: { patience }, whenFailed: { notes.add("failed") })
    }

    @Test("ends in the order against that of the start, each when the one behind it has ended")
    func order() async throws {
        let notes = Notes()
        let runner = try runner(
            [Work("a", .obedient, notes), Work("b", .obedient, notes)],
            patience: .seconds(60),
            notes
        )
        runner.start()
        await runner.end()
        #expect(notes.all == ["b told", "b ended", "a told", "a ended"])
    }

    @Test("what fails before it was to end is told, and nothing else is")
    func failure() async throws {
        let notes = Notes()
        let (failing, other) = (Work("a", .failing, notes), Work("b", .obedient, notes))
        let runner = try runner([failing, other], patience: .seconds(60), notes)
        runner.start()
        let deadline = ContinuousClock.now + .seconds(10)
        while notes.all.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
        #expect(notes.all == ["failed"])
        await runner.end()
        #expect(notes.all == ["failed", "b told", "b ended", "a told"])
    }

    @Test("what takes too long is cancelled")
    func stubborn() async throws {
        let notes = Notes()
        let runner = try runner([Work("a", .stubborn, notes)], patience: .milliseconds(20), notes)
        runner.start()
        await runner.end()
        #expect(notes.all == ["a told", "a cancelled"])
    }

    @Test("where there is nothing, nothing is waited for")
    func nothing() async throws {
        let notes = Notes()
        let runner = try runner([], patience: .seconds(60), notes)
        runner.start()
        await runner.end()
        #expect(notes.all.isEmpty)
    }
}
