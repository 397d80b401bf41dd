import Glibc
import HTTPServer
import Synchronization
import Systemd

/// What an earlier process left in the store. Reading uses it up, so that is left until nothing can fail any more.
final class StoredConnections: Sendable {
    /// What was read.
    struct Contents: Sendable {
        var connections: [OpenConnection] = []
        /// Connections that could not be used, and why.
        var dropped = 0
        var problem: String?
    }

    private let receivers: Mutex<[Receiver]>

    /// An array takes no type that cannot be copied.
    private final class Receiver: Sendable {
        let receiver: Mutex<DescriptorReceiver>

        init(_ stored: consuming StoredDescriptor) { receiver = Mutex(DescriptorReceiver(stored)) }
    }

    init() { receivers = Mutex([]) }

    init(_ sockets: inout InheritedSockets) {
        var receivers: [Receiver] = []
        while let stored = sockets.nextStored() { receivers.append(Receiver(stored)) }
        self.receivers = Mutex(receivers)
    }

    /// Whether nothing came back from the store.
    var isEmpty: Bool { receivers.withLock { $0.isEmpty } }

    /// How many connections wait, without reading any.
    func waiting() -> Int {
        receivers.withLock { receivers in
            receivers.reduce(0) { count, receiver in
                let beginnings = receiver.receiver.withLock { $0.beginnings(Parcel.headerLength) }
                return count + beginnings.reduce(0) { $0 + Parcel.count($1) }
            }
        }
    }

    /// Reads all that is stored. What this process does not understand is closed.
    func read() -> Contents {
        let waiting = waiting()
        let receivers = receivers.withLock { receivers in
            defer { receivers = [] }
            return receivers
        }
        var contents = Contents()
        for receiver in receivers {
            receiver.receiver.withLock { receiver in
                do {
                    while let message = try receiver.next() { contents.unpack(message) }
                } catch {
                    contents.problem = "\(error)"
                }
            }
        }
        // Where the kernel had no descriptors for some, they are lost with what it did give.
        contents.dropped = max(contents.dropped, waiting - contents.connections.count)
        return contents
    }
}

extension StoredConnections.Contents {
    fileprivate mutating func unpack(_ message: DescriptorReceiver.Message) {
        var (octets, descriptors) = (message.octets, message.descriptors[...])
        // A long parcel is in a file, behind the connections.
        if octets.count == Parcel.headerLength, Parcel.count(octets) + 1 == descriptors.count,
            let file = descriptors.popLast()
        {
            octets = MemoryFile.read(file) ?? octets
            close(file)
        }
        do throws(Parcel.Problem) {
            connections += try Parcel.unpack(octets, descriptors)
        } catch {
            for descriptor in descriptors { close(descriptor) }
            dropped += descriptors.count
            switch error {
            case .versionUnknown(let version): problem = "version \(version) of the format is not known"
            case .malformed: problem = "what is stored is malformed"
            }
        }
    }
}
