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

    func removeSocketFiles() {
        for path in socketFiles { unlink(path) }
    }
}

enum InheritedListeners {
    /// Takes what the service manager passed, if anything.
    static func receive() throws(ActivationError) -> [HTTPServer.Listener] {
        var sockets = try InheritedSockets.receive()
        var listeners: [HTTPServer.Listener] = []
        while let socket = sockets.next() {
            let (name, isTCP) = (socket.name, socket.kind != .unix)
            listeners.append(HTTPServer.Listener(name: name, descriptor: socket.takeDescriptor(), isTCP: isTCP))
        }
        return listeners
    }

    /// Inherited listeners win over configured ones; without either, the loopback is served.
    static func choose(
        _ inherited: [HTTPServer.Listener],
        _ configuration: DaemonConfiguration,
        _ journal: Journal
    ) throws(ListenError) -> ChosenListeners {
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
            return ChosenListeners(listeners: inherited, areInherited: true)
        }
        var chosen = ChosenListeners(listeners: [], areInherited: false)
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
