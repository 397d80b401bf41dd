import Glibc
import HTTPServer
import Synchronization
import Systemd

/// Keeps open connections in the manager's descriptor store from one process to the next.
///
/// A few socket pairs carry all of them: their queues hold the connections, and only their receiving ends are stored.
final class ConnectionStore: ConnectionKeeper {
    /// The name of what is stored.
    static let name = "connections"
    /// `FileDescriptorStoreMax=` of hello.service.
    static let mostPairs = 16
    /// Connections that one pair takes with certainty: were each a message of its own, its queue would hold some 400.
    private static let connectionsAPair = 400

    private let senders: [DescriptorSender]
    private let current = Atomic<Int>(0)

    /// Stores as many pairs as so many connections may need.
    ///
    /// - Returns: nil where there is no store: nobody supervises this process, or the unit allows none.
    /// - Throws: ``NotificationError``, where the manager cannot be told.
    init?(with manager: ServiceManager, connections: Int) throws(NotificationError) {
        var senders: [DescriptorSender] = []
        for _ in 0..<min(Self.mostPairs, 1 + connections / Self.connectionsAPair) {
            let sender = try DescriptorSender()
            guard try sender.store(with: manager, name: Self.name) else { break }
            senders.append(sender)
        }
        if senders.isEmpty { return nil }
        self.senders = senders
    }

    func keep(_ connections: [OpenConnection]) -> Int {
        var kept = 0
        while kept < connections.count {
            let rest = connections[kept...]
            let count = Parcel.fitting(
                rest,
                descriptors: DescriptorSender.descriptorsAMessage,
                octets: DescriptorSender.octetsAMessage
            )
            let share = rest.prefix(count)
            guard count > 0, send(Parcel.pack(share), share.map(\.descriptor)) else { return kept }
            kept += count
        }
        return kept
    }

    /// Sends through the first pair whose queue has room. One that is full stays so: nobody reads it before the next
    /// process does.
    private func send(_ octets: [UInt8], _ descriptors: [CInt]) -> Bool {
        var index = current.load(ordering: .relaxed)
        while index < senders.count {
            switch senders[index].send(octets, descriptors) {
            case .sent:
                return true
            case .refused(EAGAIN):
                _ = current.compareExchange(expected: index, desired: index + 1, ordering: .relaxed)
                index += 1
            case .refused:
                return false
            }
        }
        return false
    }
}

/// What an earlier process left in the store.
struct StoredConnections: Sendable {
    var connections: [OpenConnection] = []
    /// How many descriptors came back from the store.
    private(set) var descriptors = 0
    /// Connections that could not be used, and why.
    var dropped = 0
    var problem: String?

    /// Reads all that is stored. What this process does not understand is closed.
    mutating func read(_ stored: consuming StoredDescriptor) {
        descriptors += 1
        var receiver = DescriptorReceiver(stored)
        do {
            while let message = try receiver.next() { unpack(message) }
        } catch {
            problem = "\(error)"
        }
    }

    private mutating func unpack(_ message: DescriptorReceiver.Message) {
        do throws(Parcel.Problem) {
            connections += try Parcel.unpack(message.octets, message.descriptors)
        } catch {
            for descriptor in message.descriptors { close(descriptor) }
            dropped += message.descriptors.count
            switch error {
            case .versionUnknown(let version): problem = "version \(version) of the format is not known"
            case .malformed: problem = "what is stored is malformed"
            }
        }
    }
}
