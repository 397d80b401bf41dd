import Glibc
import Synchronization
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("The daemon under a played service manager")
struct LifecycleTests {
    /// A daemon on an inherited Unix socket.
    private struct Running {
        let directory: TestDirectory
        let manager: PlayedManager
        let process: HellodProcess
        let ready: [String]

        var path: String { directory.path + "/socket" }

        init(
            configuration: String = "greeting:\n  delay: 0\n",
            drainTimeout: String? = "2",
            access: String = "off",
            _ variables: [String: String] = [:]
        ) async throws {
            directory = try TestDirectory()
            manager = try PlayedManager(directory)
            try directory.write(configuration, to: "config")
            let descriptor = try UnixSocket.listening(at: directory.path + "/socket")
            defer { close(descriptor) }
            var variables = variables
            variables["NOTIFY_SOCKET"] = manager.address
            variables["LISTEN_FDS"] = "1"
            variables["LISTEN_PID"] = "$$"
            if let runtime = variables["RUNTIME_DIRECTORY"], runtime.isEmpty {
                variables["RUNTIME_DIRECTORY"] = directory.path
            }
            process = try HellodProcess(
                ["serve", "--config", directory.path + "/config", "--log-access", access]
                    + (drainTimeout.map { ["--drain-timeout", $0] } ?? []),
                variables,
                passing: descriptor
            )
            ready = try await manager.next()
            guard ready.contains("READY=1") else {
                let ended = try await process.ended()
                try #require(ready.contains("READY=1"), "it did not start: \(ready), \(ended)")
                return
            }
        }

        /// Stops it in the ordinary way.
        func stop() async throws {
            let (ended, messages) = try await process.ended(by: [SIGTERM], readBy: manager)
            #expect(ended.status == 0)
            #expect(messages.contains { $0.contains("STOPPING=1") })
        }
    }

    @Test("is ready when it accepts, says that it stops first of all, waits for the manager, and exits with 0")
    func startAndStop() async throws {
        let running = try await Running()
        #expect(running.ready.contains("READY=1"))
        #expect(running.ready.contains { $0.hasPrefix("STATUS=Serving: ") })
        #expect(try await UnixSocket.get("/", at: running.path) == "HTTP/1.1 200 OK")
        let (ended, messages) = try await running.process.ended(by: [SIGTERM], readBy: running.manager)
        #expect(messages.last == ["BARRIER=1"])
        let first = try #require(messages.firstIndex { $0.contains("STOPPING=1") })
        // Before it there may be the line that comes each second.
        #expect(messages[..<first].allSatisfy { $0.count == 1 && $0[0].hasPrefix("STATUS=Serving") })
        #expect(ended.status == 0)
        #expect(ended.errors.contains("Stopped after 1 answer;"))
    }

    @Test("a stop first leaves for lame_duck: it is not ready, answers, and no second signal shortens or harms that")
    func lameDuck() async throws {
        let running = try await Running(configuration: "greeting:\n  delay: 0\nlame_duck: 2s\n")
        let began = ContinuousClock.now
        let answers = Mutex<[String]>([])
        let path = running.path
        let (ended, _) = try await running.process.ended(
            by: [SIGTERM, SIGTERM, SIGINT],
            readBy: running.manager
        ) { message in
            guard message.contains("STOPPING=1"), message.contains(where: { $0.hasPrefix("STATUS=Leaving: ") }) else {
                return
            }
            // Until it is told to its event loops, it is ready.
            var ready = ""
            repeat { ready = try UnixSocket.Asked("/readyz", at: path).statusLine() } while ready.hasSuffix("200 OK")
            let answer = try UnixSocket.Asked("/", at: path).statusLine()
            answers.withLock { $0 += [ready, answer] }
        }
        #expect(answers.withLock(\.self) == ["HTTP/1.1 503 Service Unavailable", "HTTP/1.1 200 OK"])
        #expect(ended.status == 0)
        #expect(ContinuousClock.now - began >= .seconds(2))
        #expect(ended.errors.contains("Leaving: answering for 2s more"))
    }

    @Test("a signal right behind READY=1 is not lost", arguments: [SIGTERM, SIGINT])
    func earlySignal(signal: CInt) async throws {
        let running = try await Running()
        let (ended, messages) = try await running.process.ended(by: [signal, SIGTERM], readBy: running.manager)
        #expect(ended.status == 0)
        #expect(messages.contains { $0.contains("STOPPING=1") })
    }

    @Test("more signals during a stop do no harm, and the request in work is answered")
    func moreSignals() async throws {
        let running = try await Running(configuration: "greeting:\n  delay: 3\n", drainTimeout: "10")
        let asked = try UnixSocket.Asked("/", at: running.path)
        let (ended, _) = try await running.process.ended(
            by: [SIGTERM, SIGTERM, SIGTERM, SIGTERM, SIGTERM, SIGINT, SIGHUP],
            // The line comes each second, so that one of them comes while the request is in work.
            after: "STATUS=Serving: 1 request in work",
            readBy: running.manager
        )
        #expect(try asked.statusLine() == "HTTP/1.1 200 OK")
        #expect(ended.status == 0)
    }

    @Test("asks for more time only when a drain has made progress", arguments: [true, false])
    func extendsTimeout(progresses: Bool) async throws {
        // It looks 1, 2 and 3 s after the stop began. A request that is seen in work ends within 2 s of that.
        let running = try await Running(drainTimeout: "3.5")
        let long = try UnixSocket.Asked("/hello/a?delay=9", at: running.path)
        let short = progresses ? try UnixSocket.Asked("/hello/b?delay=2", at: running.path) : nil
        let (ended, messages) = try await running.process.ended(
            by: [SIGTERM],
            after: "STATUS=Serving: \(progresses ? "2 requests" : "1 request") in work",
            readBy: running.manager
        )
        #expect(ended.status == 0)
        #expect(messages.contains { $0.contains("STOPPING=1") })
        let asked = messages.filter { $0.contains("EXTEND_TIMEOUT_USEC=10000000") }.count
        // A second time where the end of the short one's connection is seen at another look than its answer.
        #expect((asked > 0) == progresses && asked <= 2)
        #expect(try short?.statusLine() == (progresses ? "HTTP/1.1 200 OK" : nil))
        // Cut when drain_timeout had passed.
        #expect(try long.statusLine() == "")
    }

    @Test("feeds the watchdog again and again")
    func watchdog() async throws {
        let running = try await Running(["WATCHDOG_USEC": "400000"])
        for _ in 0..<4 { _ = try await running.manager.next(with: "WATCHDOG=1") }
        try await running.stop()
    }

    @Test("a status that has not changed is not told again")
    func sameStatus() async throws {
        let running = try await Running(["WATCHDOG_USEC": "1000000"])
        var messages: [[String]] = []
        // They come four times a second, so that the status was looked at at least twice.
        while messages.count(where: { $0.contains("WATCHDOG=1") }) < 10 {
            messages.append(try await running.manager.next())
        }
        #expect(!messages.contains { $0.contains { $0.hasPrefix("STATUS=") } }, "\(messages)")
        // One that has is told.
        #expect(try await UnixSocket.get("/healthz", at: running.path) == "HTTP/1.1 200 OK")
        #expect(try await running.manager.next(with: "STATUS=").contains { $0.contains("1 answered") })
        try await running.stop()
    }

    @Test("idle_exit that a reload switches on ends the daemon, and off it looks for nothing")
    func idleExitByReload() async throws {
        #expect(IdleExit.interval(.zero) == nil)
        #expect(IdleExit.interval(.milliseconds(1)) != nil)
        let running = try await Running()
        try running.directory.write("idle_exit: 10ms\n", to: "config")
        let (ended, _) = try await running.process.ended(by: [SIGHUP], readBy: running.manager)
        #expect(ended.status == 0)
        #expect(ended.errors.contains("exiting until the next one"))
    }

    @Test("reloads on SIGHUP: RELOADING=1, then READY=1, also with a broken file; right behind READY=1 too")
    func reload() async throws {
        let running = try await Running(["RUNTIME_DIRECTORY": ""])
        for (text, note) in [
            ("greeting:\n  delay: 0\n", false), ("greeting: [\n", true), ("greeting:\n  delay: 0\n", false),
        ] {
            try running.directory.write(text, to: "config")
            running.process.signal(SIGHUP)
            let reloading = try await running.manager.next(with: "RELOADING=1")
            let time = try #require(reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }?.dropFirst(15))
            #expect(UInt64(time) != nil)
            let ready = try await running.manager.next(with: "READY=1")
            #expect(ready.contains { $0.contains("reload failed") } == note)
            #expect(try await UnixSocket.get("/", at: running.path) == "HTTP/1.1 200 OK")
        }
        try await running.stop()
    }

    @Test("a storm of SIGHUPs is harmless")
    func storm() async throws {
        let running = try await Running()
        for _ in 0..<200 { running.process.signal(SIGHUP) }
        let isAnswered = Atomic(false)
        async let answer = {
            defer {
                isAnswered.store(true, ordering: .relaxed)
                // One more message comes, whatever was read before.
                running.process.signal(SIGHUP)
            }
            return try await UnixSocket.get("/", at: running.path)
        }()
        // Read all the while: the queue of a manager that does not read has room for ten on some machines.
        var messages = [try await running.manager.next(with: "RELOADING=1")]
        while !isAnswered.load(ordering: .relaxed) { messages.append(try await running.manager.next()) }
        #expect(try await answer == "HTTP/1.1 200 OK")
        let (ended, last) = try await running.process.ended(by: [SIGTERM], readBy: running.manager)
        #expect(ended.status == 0)
        messages += last
        // Each RELOADING=1 is followed by its READY=1.
        let steps = messages.compactMap { $0.first }.filter { ["RELOADING=1", "READY=1"].contains($0) }
        #expect(steps.enumerated().allSatisfy { $1 == ($0 % 2 == 0 ? "RELOADING=1" : "READY=1") })
    }

    @Test("`hellod reload` waits for what became of it, and tells")
    func reloadCommand() async throws {
        let running = try await Running(["RUNTIME_DIRECTORY": ""])
        let variables = ["RUNTIME_DIRECTORY": running.directory.path]
        let pid = String(running.process.pid)
        let good = try await HellodProcess(["reload", pid], variables).ended()
        #expect(good == HellodProcess.Ended(status: 0, errors: ""))
        try running.directory.write("greeting:\n  delay: never\n", to: "config")
        let bad = try await HellodProcess(["reload", pid], variables).ended()
        #expect(bad.status == 78)
        #expect(bad.errors.contains("greeting.delay"))
        try await running.stop()
    }

    @Test("makes a Unix socket of its own, takes over a stale one, and removes it at the end")
    func ownSocket() async throws {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let path = directory.path + "/socket"
        close(try UnixSocket.listening(at: path))
        let process = try HellodProcess(["--listen", "unix:\(path)"], ["NOTIFY_SOCKET": manager.address])
        _ = try await manager.next(with: "READY=1")
        #expect(try await UnixSocket.get("/healthz", at: path) == "HTTP/1.1 200 OK")
        #expect(try await process.ended(by: [SIGINT], readBy: manager).ended.status == 0)
        #expect(access(path, F_OK) != 0)
    }

    @Test("nothing that a stop says is taken back by a SIGHUP behind it")
    func reloadDuringAStop() async throws {
        let running = try await Running(configuration: "greeting:\n  delay: 3\n", drainTimeout: "10")
        let asked = try UnixSocket.Asked("/", at: running.path)
        let (ended, messages) = try await running.process.ended(
            by: [SIGTERM, SIGHUP, SIGHUP],
            after: "STATUS=Serving: 1 request in work",
            readBy: running.manager
        )
        #expect(try asked.statusLine() == "HTTP/1.1 200 OK")
        let stopping = try #require(messages.firstIndex { $0.contains("STOPPING=1") })
        for message in messages[stopping...] {
            #expect(!message.contains("RELOADING=1") && !message.contains("READY=1"), "\(message)")
        }
        #expect(ended.status == 0)
    }

    @Test("a stop waits as long as the configuration says that is in force when it begins")
    func reloadedDrainTimeout() async throws {
        let running = try await Running(
            configuration: "greeting: {delay: 2}\ndrain_timeout: 100ms\n",
            drainTimeout: nil
        )
        try running.directory.write("greeting: {delay: 4}\ndrain_timeout: 20s\n", to: "config")
        running.process.signal(SIGHUP)
        _ = try await running.manager.next(with: "RELOADING=1")
        let asked = try UnixSocket.Asked("/", at: running.path)
        let (ended, _) = try await running.process.ended(
            by: [SIGTERM],
            after: "STATUS=Serving: 1 request in work",
            readBy: running.manager
        )
        #expect(try asked.statusLine() == "HTTP/1.1 200 OK")
        #expect(ended.status == 0)
    }

    @Test("with few descriptors it starts and stops in the ordinary way, or says in one line what it lacks")
    func fewDescriptors() async throws {
        var outcomes: Set<Bool> = []
        for limit in [6, 8, 10, 12, 13, 14, 16, 20, 24, 32, 40, 64] {
            outcomes.insert(try await startsAndStops(under: "ulimit -n \(limit)", refusal: "LimitNOFILE="))
        }
        #expect(outcomes == [true, false])
    }

    /// Returns whether it has started.
    private func startsAndStops(under limit: String, refusal: String) async throws -> Bool {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let process = try HellodProcess(
            ["serve", "--listen", "unix:\(directory.path)/socket", "--set", "event_loops=1"],
            ["NOTIFY_SOCKET": manager.address],
            under: limit
        )
        guard try await manager.next().contains("READY=1") else {
            let (ended, _) = try await process.ended(by: [], readBy: manager)
            #expect(ended.status == 71, "\(limit): \(ended)")
            #expect(ended.errors.split(separator: "\n").count == 1, "\(limit): \(ended)")
            #expect(ended.errors.contains(refusal), "\(limit): \(ended)")
            return false
        }
        let (ended, messages) = try await process.ended(by: [SIGHUP, SIGTERM], readBy: manager)
        #expect(ended.status == 0, "\(limit): \(ended)")
        #expect(messages.contains { $0.contains("STOPPING=1") }, "\(limit)")
        return true
    }

    @Test("with log.level debug, connections, refusals and what a reload compared are told; without it they are not")
    func debugLog() async throws {
        for level in ["debug", "info"] {
            let running = try await Running(configuration: "log.level: \(level)\n", access: "errors")
            #expect(try await UnixSocket.get("/healthz", at: running.path) == "HTTP/1.1 200 OK")
            #expect(try await UnixSocket.get("/\u{1b}[1m", at: running.path) == "HTTP/1.1 400 Bad Request")
            running.process.signal(SIGHUP)
            _ = try await running.manager.next(with: "RELOADING=1")
            let (ended, _) = try await running.process.ended(by: [SIGTERM], readBy: running.manager)
            for part in [
                "Connection accepted from unix", "Connection from unix closed: answered",
                "Connection from unix closed: refused", "refused.input=", "Read the configuration: 0 settings differ",
                "setting.origin=", "Hand-over: the listeners are closed",
            ] {
                #expect(ended.errors.contains(part) == (level == "debug"), "\(level): \(part)")
            }
            #expect(!ended.errors.contains("\u{1b}"))
        }
    }

    @Test("the line of a request names what no route matched, and the time")
    func requestLine() async throws {
        let running = try await Running(access: "all")
        #expect(try await UnixSocket.get("/nowhere?a=b", at: running.path) == "HTTP/1.1 404 Not Found")
        #expect(try await UnixSocket.get("/hello/x", at: running.path) == "HTTP/1.1 200 OK")
        let (ended, messages) = try await running.process.ended(by: [SIGTERM], readBy: running.manager)
        #expect(ended.errors.firstMatch(of: /GET \/nowhere\?a=b 404 in \d+\.\d ms/) != nil, "\(ended.errors)")
        #expect(ended.errors.firstMatch(of: /GET \/hello\/{name} 200 in \d+\.\d ms/) != nil, "\(ended.errors)")
        // What a dead unit is shown with.
        let status = messages.compactMap { $0.first { $0.hasPrefix("STATUS=") } }.last
        #expect(status?.hasPrefix("STATUS=Stopped: 0 requests in work") == true)
    }

    @Test(
        "with just the threads that it needs it reloads and stops in the ordinary way; with fewer it says what it lacks"
    )
    func fewThreads() async throws {
        // The limit holds for none but a user without privileges, who must be able to read the program.
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        chmod(directory.path, 0o755)
        chmod(manager.address, 0o777)
        let program = directory.path + "/file"
        let copied = try await HellodProcess([try HellodProcess.path(), program], program: "/bin/cp").ended()
        try #require(copied.status == 0)
        chmod(program, 0o755)
        let user = getuid() == 0 ? "setpriv --reuid=54321 --regid=54321 --clear-groups --" : ""
        var needed = 1
        while true {
            let process = try HellodProcess(
                ["serve", "--listen", "127.0.0.1:0", "--set", "event_loops=1"],
                ["NOTIFY_SOCKET": manager.address],
                wrapper: "\(user) prlimit --nproc=\(needed)",
                program: program
            )
            if try await manager.next().contains("READY=1") {
                // A reload, and then a stop, with no thread more to be had.
                process.signal(SIGHUP)
                _ = try await manager.next(with: "RELOADING=1")
                let (ended, messages) = try await process.ended(by: [SIGTERM], readBy: manager)
                #expect(ended.status == 0 && messages.contains { $0.contains("STOPPING=1") }, "\(needed): \(ended)")
                break
            }
            let (ended, _) = try await process.ended(by: [], readBy: manager)
            #expect(ended.status == 71 && ended.errors.split(separator: "\n").count == 1, "\(needed): \(ended)")
            #expect(ended.errors.contains("cannot start the"), "\(needed): \(ended)")
            needed += 1
            try #require(needed < 20)
        }
        // The main one, the log's, the clients' and the upstreams'.
        #expect(needed == 4 || user.isEmpty)
    }
}
