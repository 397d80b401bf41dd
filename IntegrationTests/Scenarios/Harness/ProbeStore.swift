import ArgumentParser
import Glibc
import Systemd

/// What a scenario runs in the daemon's place: accepts one connection, and stores it in a format that no daemon knows.
struct ProbeStore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-store",
        abstract: "Stores a connection in an unknown format.",
        shouldDisplay: false
    )

    func run() throws {
        var sockets = try InheritedSockets.receive(stored: ["connections"])
        guard let listener = sockets.next() else { throw ExitCode.failure }
        let manager = ServiceManager()
        try manager.notify(.ready)
        var polled = pollfd(fd: listener.takeDescriptor(), events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 10_000) == 1 else { throw ExitCode.failure }
        let connection = accept(polled.fd, nil, nil)
        let sender = try DescriptorSender()
        guard try sender.store(with: manager, name: "connections") else { throw ExitCode.failure }
        guard sender.send(Array("hello".utf8) + [99, 1], [connection]) == .sent else { throw ExitCode.failure }
        close(connection)
        // Until it is told to stop.
        pause()
    }
}
