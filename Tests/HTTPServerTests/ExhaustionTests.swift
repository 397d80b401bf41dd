import Glibc
import Testing

@testable import HTTPServer

@Suite("Without descriptors")
struct ExhaustionTests {
    /// Seconds of processor time that this process has used.
    fileprivate static var processorTime: Double {
        var used = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    }

    fileprivate static func limitDescriptors(to count: CInt) throws {
        var limit = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        limit.rlim_cur = rlim_t(count)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    }

    /// Waits in the calling thread: libdispatch, which the concurrency runtime sleeps with, ends the process when it finds
    /// no descriptor for its first timer.
    fileprivate static func waitHere(_ what: Comment, _ condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            try #require(ContinuousClock.now < deadline, what)
            usleep(1000)
        }
    }

    // In a process of its own, for the limit is a process's.
    @Test("accepting pauses without spinning, is told once, and goes on as soon as a descriptor comes free")
    func exhaustion() async {
        await #expect(processExitsWith: .success) {
            try await TestServer.run { test in
                let sockets = (0..<6).map { _ in socket(AF_INET, TestListener.stream, 0) }
                // A new descriptor takes the lowest number that is free; so none is free below this one.
                let last = dup(0)
                try ExhaustionTests.limitDescriptors(to: last + 1)
                let request = Array(get("/", "Connection: close").utf8)
                for socket in sockets {
                    try #require(test.listener.withAddress { connect(socket, $0, $1) } == 0)
                    try #require(send(socket, request, request.count, 0) == request.count)
                }
                try ExhaustionTests.waitHere("it is told") { test.observer.seen == ["paused descriptors_exhausted"] }

                let before = ExhaustionTests.processorTime
                sleep(1)
                #expect(ExhaustionTests.processorTime - before < 0.3)
                #expect(test.server.counts.accepted == 0)

                // One comes free where the server hears nothing of it; then each that a connection gives back.
                let clock = ContinuousClock()
                let began = clock.now
                close(last)
                for socket in sockets {
                    try ExhaustionTests.waitHere("it is answered") {
                        var octet: UInt8 = 0
                        return recv(socket, &octet, 1, CInt(MSG_DONTWAIT)) == 1
                    }
                    close(socket)
                }
                let took = clock.now - began
                // A second for each, with a pause as long as others make.
                #expect(took < .seconds(3), "\(took)")
                #expect(test.observer.seen.filter { $0.hasPrefix("paused") }.count == 1)
                try ExhaustionTests.waitHere("it is told") {
                    test.observer.seen.contains("resumed descriptors_exhausted")
                }
                try ExhaustionTests.limitDescriptors(to: 512)
            }
        }
    }

    @Test("several listeners share the limit, and never pass it together")
    func sharedLimit() async throws {
        let listeners = try [TestListener.tcp(), .unix(), .tcp()]
        try await TestServer.run(listeners[0], maxConnections: 7) { test in
            for listener in listeners.dropFirst() {
                let descriptor = fcntl(listener.descriptor, F_DUPFD_CLOEXEC, 3)
                try await test.server.serve(
                    HTTPServer.Listener(name: "other", descriptor: descriptor, isTCP: listener.isTCP)
                )
            }
            for _ in 0..<10 {
                let clients = try (0..<30).map { try Client(listeners[$0 % 3]) }
                for client in clients { try client.sendNow(get("/hold")) }
                try await eventually("it is full") { test.server.counts.connections == 7 && test.gate.waiting == 7 }
                #expect(test.server.counts.connections == 7)
                var most = 0
                for client in clients {
                    client.reset()
                    most = max(most, test.server.counts.connections)
                }
                try await eventually("all are gone") {
                    most = max(most, test.server.counts.connections)
                    return test.server.counts.connections == 0
                }
                #expect(most <= 7)
            }
        }
    }
}
