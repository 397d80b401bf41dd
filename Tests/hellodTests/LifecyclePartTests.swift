import FoundationEssentials
import Glibc
import Greeting
import HTTPEndpoints
import HTTPServer
import HTTPTypes
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("Parts of the daemon's life")
struct LifecyclePartTests {
    @Test("the watchdog is fed only when every loop has turned since, and a stuck one is named")
    func loopTurns() {
        var turns = LoopTurns()
        let first = turns.tick(loops: 3)
        #expect(first == .feed)
        turns.turned(0)
        turns.turned(2)
        let second = turns.tick(loops: 3)
        #expect(second == .wait(stuck: [1]))
        let third = turns.tick(loops: 3)
        #expect(third == .wait(stuck: [1]))
        #expect(turns.misses == 2)
        // A turn that is reported twice stands for no other.
        turns.turned(0)
        turns.turned(1)
        let fourth = turns.tick(loops: 3)
        #expect(fourth == .feed)
        #expect(turns.misses == 0)
        #expect(turns.outstanding == [0, 1, 2])
    }

    @Test("the status line counts in the singular and in the plural, and keeps its note until it is mended")
    func statusLine() throws {
        let loops = try EpollLoop.start(1)
        defer { loops[0].stop() }
        struct Nobody: Responder, ServerObserver {
            func reply(to request: Request) -> Reply { .now(Response(status: .ok, detail: "")) }
        }
        let server = HTTPServer(
            loops: loops,
            settings: .init(),
            maxConnections: 1,
            responder: Nobody(),
            observer: Nobody()
        )
        var counts = server.counts
        let line = StatusLine()
        #expect(line.text(counts) == "Starting: 0 requests in work, 0 connections, 0 answered")
        line.setPhase("Serving")
        (counts.inFlight, counts.connections, counts.answered, counts.refused) = (1, 1, 7, 2)
        line.setNote("reload failed")
        #expect(line.text(counts) == "Serving: 1 request in work, 1 connection, 7 answered, 2 refused; reload failed")
        line.setNote(nil)
        line.setPaused(true, for: "connection_limit")
        #expect(line.text(counts).hasSuffix(", 2 refused; accepting no connections: connection_limit"))
        line.setPaused(false, for: "connection_limit")
        #expect(line.text(counts) == "Serving: 1 request in work, 1 connection, 7 answered, 2 refused")
    }

    @Test("a reload's outcome is read as it was written, and nothing else is taken for one")
    func reloadOutcome() throws {
        var outcome = ReloadOutcome()
        #expect(ReloadOutcome(outcome.text) == outcome)
        (outcome.begun, outcome.ended, outcome.problems) = (3, 2, "a: b\nc: d\n")
        #expect(ReloadOutcome(outcome.text) == outcome)
        for text in ["", "1", "a b", "1 2 3\n", "x\n1 2"] {
            #expect(ReloadOutcome(text) == nil, "\(text.debugDescription)")
        }
    }

    @Test("the outcome's file counts what began and what ended, over processes")
    func reloadOutcomeFile() throws {
        let directory = try TestDirectory()
        let environment = ["RUNTIME_DIRECTORY": directory.path + ":/other"]
        let file = try #require(ReloadOutcomeFile(environment: environment))
        #expect(file.read() == nil)
        file.begin()
        file.begin()
        #expect(file.read()?.begun == 2)
        #expect(file.read()?.ended == 0)
        file.end("bad")
        let other = try #require(ReloadOutcomeFile(environment: environment))
        #expect(other.read()?.ended == 2)
        #expect(other.read()?.problems == "bad")
        other.begin()
        other.end(nil)
        #expect(other.read()?.problems == "")
        #expect(ReloadOutcomeFile(environment: [:]) == nil)
        // Where it cannot be written a reload goes on.
        ReloadOutcomeFile(environment: ["RUNTIME_DIRECTORY": directory.path + "/none"])?.begin()
    }

    @Test("the access log can leave out what machines ask for all the time")
    func accessLog() {
        for probe in AccessLog.probes {
            #expect(AccessLog.all.includes(probe, 200))
            #expect(!AccessLog.noProbes.includes(probe, 200) && !AccessLog.noProbes.includes(probe, 503))
            #expect(AccessLog.errors.includes(probe, 503) && !AccessLog.errors.includes(probe, 200))
            // A route that is renamed would be logged again.
            #expect(EndpointService.openAPIDocument([], Hello.identity.api).contains("\"\(probe)\":"))
        }
        for status in [200, 404, 500] {
            #expect(AccessLog.noProbes.includes("/", status) && AccessLog.noProbes.includes(nil, status))
            #expect(!AccessLog.off.includes("/", status))
        }
        #expect(AccessLog(rawValue: "no_probes") == .noProbes)
    }

    @Test("a socket that is in use, or a file that is none, is left alone")
    func leftAlone() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/socket"
        let descriptor = try UnixSocket.listening(at: path)
        defer { close(descriptor) }
        let error = #expect(throws: ListenError.self) { try OwnListeners.open(.unix(path: path), name: "http") }
        #expect(error?.code == EADDRINUSE)
        #expect(UnixSocket.withAddress(path) { connect(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0), $0, $1) } == 0)
        try directory.write("precious", to: "file")
        let file = directory.path + "/file"
        let other = #expect(throws: ListenError.self) { try OwnListeners.open(.unix(path: file), name: "http") }
        #expect(other?.description.contains("a file that is no socket has that name") == true)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
    }

    @Test("a socket whose queue is full is in use, and asking does not wait")
    func fullQueue() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/socket"
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        try #require(UnixSocket.withAddress(path) { bind(descriptor, $0, $1) } == 0)
        try #require(listen(descriptor, 0) == 0)
        var clients: [CInt] = []
        defer { for client in clients { close(client) } }
        repeat {
            clients.append(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0))
        } while UnixSocket.withAddress(path) { connect(clients[clients.count - 1], $0, $1) } == 0
        let error = #expect(throws: ListenError.self) { try OwnListeners.open(.unix(path: path), name: "http") }
        #expect(error?.code == EADDRINUSE)
    }

    @Test("a port in use is told with what may hold it")
    func portInUse() throws {
        let first = try OwnListeners.open(.ipv4(host: "127.0.0.1", port: 0), name: "http")
        defer { close(first.descriptor) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(first.descriptor, $0, &length) }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let error = #expect(throws: ListenError.self) {
            try OwnListeners.open(.ipv4(host: "127.0.0.1", port: port), name: "http")
        }
        #expect(
            error?.description == "cannot listen on 127.0.0.1:\(port): bind: Address already in use; "
                + "is another daemon running, or does a socket unit hold it?"
        )
    }

    @Test("spare descriptors are lent and held again, within one another too, until they are given up")
    func spares() throws {
        let spares = try SpareDescriptors(4, others: 2)
        #expect(spares.heldCount == 4)
        for _ in 0..<3 {
            let inner = spares.lend { () -> Int in
                #expect(spares.heldCount == 0)
                return spares.lend { spares.heldCount }
            }
            #expect(inner == 0 && spares.heldCount == 4)
        }
        spares.giveUp()
        #expect(spares.heldCount == 0)
        spares.lend {}
        #expect(spares.heldCount == 0)
        #expect(throws: SystemError.self) { try SpareDescriptors(1 << 22, others: 0) }
    }
}
