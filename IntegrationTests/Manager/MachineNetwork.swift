import Foundation
import Synchronization

/// A network that machines are plugged into: a switch in a namespace of its own, to which nothing else is connected.
///
///     try await MachineNetwork.with { network in
///         try await withMachine(label: "server") { server in
///             try await network.join(server, address: "192.0.2.11/24")
///             let client = try await network.place(address: "192.0.2.101/24")
///             try await withLoadEngine(network: client.path) { engine in … }
///         }
///     }
///
/// Addresses are of the caller's choosing; those of RFC 5737 (`192.0.2.0/24`) are nobody's. It needs ip(8).
public final class MachineNetwork: Sendable {
    private let hub: NetworkNamespace
    /// They are there as long as the network, whoever keeps no more of them than their path.
    private let places = Mutex<[NetworkNamespace]>([])

    private init(hub: NetworkNamespace) { self.hub = hub }

    /// Makes a network, runs `body`, and takes it down, whatever happens.
    /// - Throws: ``MachineError`` where there is no ip(8), ``CommandError``, and what `body` throws.
    public static func with<Result>(_ body: (MachineNetwork) async throws -> Result) async throws -> Result {
        guard Requirements.find("ip") != nil else {
            throw MachineError.missing(["ip, which joins machines, is not installed: apt install iproute2"])
        }
        let network = MachineNetwork(hub: try NetworkNamespace())
        try await network.ip("link", "add", "switch", "type", "bridge")
        try await network.ip("link", "set", "switch", "up")
        return try await body(network)
    }

    /// Plugs a machine in: it has an interface `eth0` from then on.
    /// - Parameters:
    ///   - machine: One that is in no other network.
    ///   - address: What it is reached by, with the length of the network's prefix: `192.0.2.11/24`.
    public func join(_ machine: PrivateMachine, address: String) async throws {
        try await join(machine.systemd, address)
    }

    /// A place for a client of this process, with an address of its own.
    /// - Returns: What the client's threads enter. It is there as long as the network is.
    public func place(address: String) async throws -> NetworkNamespace {
        let place = try NetworkNamespace()
        try await join(place.holder, address)
        places.withLock { $0.append(place) }
        return place
    }

    /// Pulls a machine's cable: what it sends and what it is sent is lost, and nobody is told.
    public func unplug(_ machine: PrivateMachine) async throws {
        try await ip("link", "set", Self.port(machine.systemd), "down")
    }

    /// Puts a pulled cable back.
    public func plugIn(_ machine: PrivateMachine) async throws {
        try await ip("link", "set", Self.port(machine.systemd), "up")
    }

    private func join(_ process: pid_t, _ address: String) async throws {
        let port = Self.port(process)
        try await ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", "\(process)")
        try await ip("link", "set", port, "master", "switch", "up")
        let inside = ["nsenter", "--target", "\(process)", "--net", "--", "ip"]
        try await Command(inside + ["address", "add", address, "dev", "eth0"]).run().successful()
        try await Command(inside + ["link", "set", "eth0", "up"]).run().successful()
    }

    /// The name of a port of the switch, which is to be short (IFNAMSIZ).
    private static func port(_ process: pid_t) -> String { "port\(process)" }

    private func ip(_ arguments: String...) async throws {
        try await Command(hub.entry + ["ip"] + arguments).run().successful()
    }
}
