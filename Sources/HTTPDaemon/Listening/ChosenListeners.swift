import Glibc
import HTTPServer
import JournalLogging
import Logging
import Systemd

/// The listeners to serve, and where they came from.
struct ChosenListeners {
    var listeners: [HTTPServer.Listener]
    /// Whether the service manager passed them, so that it opens them again when the daemon has gone.
    var areInherited: Bool
    /// Unix sockets that the daemon made itself, and removes.
    var socketFiles: [String] = []
    /// Open connections that an earlier process left.
    var stored = StoredConnections()

    /// Each with its name and the address that it really has: `http 127.0.0.1:8080`.
    var addresses: [String] { listeners.map { "\($0.name) \(BoundAddress.text(of: $0.descriptor))" } }

    func removeSocketFiles() {
        for path in socketFiles { unlink(path) }
    }
}

/// What the service manager passed to this process.
struct Inheritance: Sendable {
    var listeners: [HTTPServer.Listener] = []
    var stored = StoredConnections()
    /// Whom sockets were passed to, if not to this process.
    var misaddressing: Misaddressing?
    /// Whether a service manager waits to hear that the service is ready.
    var isSupervised = false
}

enum InheritedListeners {
    /// Takes what the service manager passed, if anything.
    static func receive() throws(ActivationError) -> Inheritance {
        var sockets = try InheritedSockets.receive(stored: [ConnectionStore.name])
        var listeners: [HTTPServer.Listener] = []
        while let socket = sockets.next() {
            let (name, isTCP) = (socket.name, socket.kind != .unix)
            listeners.append(.init(serving: name, descriptor: socket.takeDescriptor(), isTCP: isTCP))
        }
        return Inheritance(
            listeners: listeners,
            stored: StoredConnections(&sockets),
            misaddressing: sockets.misaddressing,
            isSupervised: getenv("NOTIFY_SOCKET") != nil
        )
    }

    /// Inherited listeners win over configured ones; without either, the loopback is served.
    static func choose(
        _ inheritance: Inheritance,
        _ configuration: DaemonConfiguration,
        service: String,
        _ journal: Journal
    ) throws(ListenError) -> ChosenListeners {
        let inherited = inheritance.listeners
        if let misaddressing = inheritance.misaddressing {
            journal.log(
                .socketsMisaddressed,
                .warning,
                "Sockets were passed, but not to this process: \(misaddressing.text)"
            )
        }
        if !inherited.isEmpty {
            let ignored = (configuration.listen + configuration.adminListen).map(\.description)
            if !ignored.isEmpty {
                journal.log(
                    .listenIgnored,
                    .notice,
                    "The service manager passed \(inherited.count.counted("socket")); not listening on "
                        + ignored.joined(separator: ", ")
                )
            }
            return ChosenListeners(listeners: inherited, areInherited: true, stored: inheritance.stored)
        }
        if configuration.idleExit > .zero {
            journal.log(
                .idleExitIgnored,
                .notice,
                "idle_exit is ignored: no socket was passed, so nothing would start the daemon again"
            )
        }
        // A socket unit that is no more may have left connections: they are served on.
        var chosen = ChosenListeners(listeners: [], areInherited: false, stored: inheritance.stored)
        let addresses = configuration.listen.isEmpty ? DaemonConfiguration.fallbackListen : configuration.listen
        // A unit that says where to listen needs no socket unit.
        let lacksSocket = inheritance.isSupervised && configuration.listen.isEmpty
        if lacksSocket {
            journal.log(
                .noSocketPassed,
                .warning,
                "The service manager passed no socket, so that \(addresses[0]) is listened on instead; \(remedy(service))"
            )
        }
        do throws(ListenError) {
            for address in addresses { try chosen.open(address, name: "http") }
            for address in configuration.adminListen { try chosen.open(address, name: "admin") }
        } catch {
            chosen.removeSocketFiles()
            var error = error
            if lacksSocket { error.cause = "the service manager passed no socket; \(remedy(service))" }
            throw error
        }
        return chosen
    }

    private static func remedy(_ service: String) -> String {
        "where ListenStream= was changed, restart the socket unit (systemctl restart \(service).socket)"
    }
}

extension Misaddressing {
    fileprivate var text: String {
        switch self {
        case .process(let pid): "LISTEN_PID is \(pid), and this is \(getpid()) (a wrapper has to use exec)"
        case .earlierProcess: "LISTEN_PIDFDID is that of an earlier process with this id"
        }
    }
}

extension ChosenListeners {
    fileprivate mutating func open(_ address: ListenAddress, name: String) throws(ListenError) {
        listeners.append(try OwnListeners.open(address, name: name))
        if case .unix(let path) = address { socketFiles.append(path) }
    }
}

extension HTTPServer.Listener {
    /// Connections to administration listeners, which are not to wait behind those of clients.
    static let administrators = 16
    /// The name of the listeners on which trusted proxies speak the PROXY protocol.
    static let forProxies = "proxy"

    init(serving name: String, descriptor: CInt, isTCP: Bool) {
        let maxConnections = name == DaemonMetrics.listener ? Self.administrators : nil
        self.init(
            name: name,
            descriptor: descriptor,
            isTCP: isTCP,
            maxConnections: maxConnections,
            expectsProxyHeader: name == Self.forProxies
        )
    }
}
