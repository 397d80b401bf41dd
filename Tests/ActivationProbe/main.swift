import CSystemd
import Dispatch
import Glibc
import Synchronization
import Systemd

// A service, as far as its manager can see: the tests start it as systemd would, and read its findings on stdout, one
// `key=value` line each. A process of its own, because all of this is about the environment and descriptors 3 and up.

/// Writes a line at once: the tests wait for some.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// What the probe is told to do: see the tests.
let arguments = Array(CommandLine.arguments.dropFirst())
let command = arguments.first ?? "receive"

/// The bound for calls that have one.
let timeout = Duration.milliseconds(arguments.dropFirst().first.flatMap(Int.init) ?? 1_000)

func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

func flag(_ descriptor: CInt, get: CInt, _ flag: CInt) -> Bool {
    fcntl(descriptor, get) & flag != 0
}

func receive() throws {
    var sockets = try InheritedSockets.receive()
    say("count=\(sockets.count)")
    while let socket = sockets.next() {
        let about = "name=\(socket.name) kind=\(socket.kind) address=\(socket.address)"
        let descriptor = socket.takeDescriptor()
        let closedOnExec = flag(descriptor, get: F_GETFD, FD_CLOEXEC)
        let nonBlocking = flag(descriptor, get: F_GETFL, O_NONBLOCK)
        say("socket=\(descriptor) \(about) cloexec=\(closedOnExec) nonblock=\(nonBlocking)")
    }
    say("empty=\(sockets.isEmpty)")
}

/// Takes the first socket and lets it and the others go out of scope.
func abandon() throws {
    func take() throws {
        var sockets = try InheritedSockets.receive()
        _ = sockets.next()
    }
    try take()
    let open = (CInt(3)..<6).filter { fcntl($0, F_GETFD) >= 0 }
    say("open=\(open)")
}

/// Puts the receiving end of a socket pair into the manager's store.
func store() throws {
    say("stored=\(try DescriptorSender().store(with: ServiceManager(), name: "connections", timeout: .seconds(20)))")
}

func watchdog() throws {
    let watchdog = try Watchdog.requested()
    say("watchdog=\(watchdog.map { "\($0.timeout) \($0.interval)" } ?? "none")")
}

/// Measures a call that must be bounded.
func timed(_ call: () throws -> ServiceManager.Delivery) throws {
    say("calling=1")
    let start = ContinuousClock.now
    defer { say("milliseconds=\(start.duration(to: .now) / .milliseconds(1))") }
    say("delivery=\(try call())")
}

/// Four threads notify until each has been refused once.
func storm(_ manager: ServiceManager) {
    let sent = Atomic(0)
    let refused = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
        do {
            while true {
                try manager.notify(.watchdog)
                sent.add(1, ordering: .relaxed)
            }
        } catch {
            refused.add(1, ordering: .relaxed)
        }
    }
    say("sent=\(sent.load(ordering: .relaxed))")
    say("refused=\(refused.load(ordering: .relaxed))")
}

do {
    let manager = ServiceManager(timeout: timeout)
    switch command {
    case "receive":
        try receive()
    case "receive-own-pidfd", "receive-other-pidfd":
        let pidfd = csystemd_pidfd_open(getpid())
        var status = stat()
        fstat(pidfd, &status)
        say("pidfs=\(csystemd_is_on_pidfs(pidfd) != 0)")
        close(pidfd)
        setenv("LISTEN_PIDFDID", "\(command == "receive-own-pidfd" ? status.st_ino : status.st_ino + 1)", 1)
        try receive()
    case "receive-twice":
        try receive()
        try receive()
    case "abandon":
        try abandon()
    case "ready":
        try timed { try manager.notify(.ready, .status("Serving\nREADY=1")) }
    case "barrier":
        try timed { try manager.barrier(timeout: timeout) }
    case "storm":
        storm(manager)
    case "store":
        try store()
    case "watchdog":
        try watchdog()
    default:
        say("unknown command")
        exit(64)
    }
} catch {
    say("error=\(error)")
}

let left = ["LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"].filter { value($0) != nil }
say("left=\(left.joined(separator: ","))")
