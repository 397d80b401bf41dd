import Glibc
import HTTPServer
import JournalLogging
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("The watchdog and the event loops")
struct EventLoopWatchTests {
    /// Waits until a loop has done what it was asked for so far.
    fileprivate static func turn(_ loop: EpollLoop) async {
        await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
    }

    // In a process of its own, for the manager's address is in the environment.
    @Test("one of two loops that is stuck ends the feeding, which goes on when it turns again")
    func stuckLoop() async {
        await #expect(processExitsWith: .success) {
            let directory = try TestDirectory()
            let manager = try PlayedManager(directory)
            setenv("NOTIFY_SOCKET", manager.address, 1)
            let journal = Journal(pipeline: try LogPipeline(format: .text, identifier: "hellod"))
            let loops = try EpollLoop.start(2)
            let link = ManagerLink(journal: journal, spares: try SpareDescriptors(2, others: 0))
            let watch = EventLoopWatch(eventLoops: loops, manager: link, journal: journal)
            var ends: [CInt] = [-1, -1]
            try #require(pipe(&ends) == 0)
            let (reading, writing) = (ends[0], ends[1])

            watch.tick()
            #expect(try manager.pending() == [["WATCHDOG=1"]])
            for loop in loops { await EventLoopWatchTests.turn(loop) }
            loops[1].execute {
                var octet: UInt8 = 0
                read(reading, &octet, 1)
            }
            // Both had turned; from now on the second one does not.
            watch.tick()
            #expect(try manager.pending() == [["WATCHDOG=1"]])
            await EventLoopWatchTests.turn(loops[0])
            for _ in 0..<3 { watch.tick() }
            #expect(try manager.pending() == [])

            write(writing, "x", 1)
            await EventLoopWatchTests.turn(loops[1])
            watch.tick()
            #expect(try manager.pending() == [["WATCHDOG=1"]])
        }
    }
}
