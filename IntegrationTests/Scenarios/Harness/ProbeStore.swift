import ArgumentParser
import Glibc
import Systemd

/// What a scenario runs in the daemon's place: accepts one connection, and stores it in another format than the daemon's.
struct ProbeStore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-store",
        abstract: "Stores a connection in a version of the format that the daemon does not know.",
        shouldDisplay: false
    )

    @Argument(help: "The version.") var version: UInt8

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
        guard sender.send(Array("hello".utf8) + [version, 1], [connection]) == .sent else { throw ExitCode.failure }
        close(connection)
        // Until it is told to stop.
        pause()
    }
}
