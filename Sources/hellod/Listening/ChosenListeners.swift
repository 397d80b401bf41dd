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

    func removeSocketFiles() {
        for path in socketFiles { unlink(path) }
    }
}

/// What the service manager passed to this process.
struct Inheritance: Sendable {
    var listeners: [HTTPServer.Listener] = []
    var stored = StoredConnections()
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
        return Inheritance(listeners: listeners, stored: StoredConnections(&sockets))
    }

    /// Inherited listeners win over configured ones; without either, the loopback is served.
    static func choose(
        _ inheritance: Inheritance,
        _ configuration: DaemonConfiguration,
        _ journal: Journal
    ) throws(ListenError) -> ChosenListeners {
        let inherited = inheritance.listeners
        if !inherited.isEmpty {
            let ignored = (configuration.listen + configuration.adminListen).map(\.description)
            if !ignored.isEmpty {
                journal.log(
                    .listenIgnored,
                    .notice,
                    "The service manager passed \(inherited.count) sockets; not listening on "
                        + ignored.joined(separator: ", ")
                )
            }
            return ChosenListeners(listeners: inherited, areInherited: true, stored: inheritance.stored)
        }
        // A socket unit that is no more may have left connections: they are served on.
        var chosen = ChosenListeners(listeners: [], areInherited: false, stored: inheritance.stored)
        let addresses = configuration.listen.isEmpty ? DaemonConfiguration.fallbackListen : configuration.listen
        do throws(ListenError) {
            for address in addresses { try chosen.open(address, name: "http") }
            for address in configuration.adminListen { try chosen.open(address, name: "admin") }
        } catch {
            chosen.removeSocketFiles()
            throw error
        }
        return chosen
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

    init(serving name: String, descriptor: CInt, isTCP: Bool) {
        let maxConnections = name == DaemonMetrics.listener ? Self.administrators : nil
        self.init(name: name, descriptor: descriptor, isTCP: isTCP, maxConnections: maxConnections)
    }
}
