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
    /// `FileDescriptorStoreMax=` of the unit.
    static let mostPairs = 16
    /// Connections that one pair takes with certainty: were each a message of its own, its queue would hold some 400.
    private static let connectionsAPair = 400

    private let senders: [DescriptorSender]
    private let current = Atomic<Int>(0)
    private let reasons = Mutex<[CInt: Int]>([:])

    /// Stores as many pairs as so many connections may need.
    ///
    /// - Returns: nil where there is no store: nobody supervises this process, or the unit allows none.
    /// - Throws: ``NotificationError``, where the manager cannot be told.
    init?(with manager: ServiceManager, connections: Int) throws(NotificationError) {
        var senders: [DescriptorSender] = []
        do throws(NotificationError) {
            for _ in 0..<min(Self.mostPairs, 1 + connections / Self.connectionsAPair) {
                let sender = try DescriptorSender()
                guard try sender.store(with: manager, name: Self.name) else { break }
                senders.append(sender)
            }
        } catch {
            // With fewer pairs than there might be, most connections are kept; with none, none.
            if senders.isEmpty { throw error }
        }
        if senders.isEmpty { return nil }
        self.senders = senders
    }

    /// Whether the manager still has all that was stored.
    var isKept: Bool { senders.allSatisfy(\.hasReceiver) }

    /// How many socket pairs the manager keeps.
    var pairCount: Int { senders.count }

    /// Why connections were not kept: how many, by the error of the call that would have stored them.
    var refusals: [CInt: Int] { reasons.withLock { $0 } }

    func keep(_ connections: [OpenConnection]) -> Int {
        var rest = connections[...]
        while !rest.isEmpty {
            let share = Self.share(of: rest)
            let result = send(Parcel.pack(share), share.map(\.descriptor))
            guard result == 0 else {
                reasons.withLock { $0[result, default: 0] += rest.count }
                break
            }
            rest = rest.dropFirst(share.count)
        }
        return connections.count - rest.count
    }

    /// As many of them, from the first on, as go into one message, with a parcel that can be read again.
    private static func share(of connections: ArraySlice<OpenConnection>) -> ArraySlice<OpenConnection> {
        var octets = 0
        return connections.prefix(DescriptorSender.descriptorsAMessage - 1).prefix { connection in
            octets += connection.received.count + connection.unsent.count + (connection.request?.head.count ?? 0)
            octets += connection.request?.content?.count ?? 0
            return octets <= MemoryFile.longest / 2
        }
    }

    /// Sends a parcel and its descriptors; one that is too long for a message goes in a file in memory, which is the last
    /// of the descriptors, and the message has its first octets only. Returns 0, or what was wrong.
    private func send(_ parcel: [UInt8], _ descriptors: [CInt]) -> CInt {
        if parcel.count <= DescriptorSender.octetsAMessage { return send(message: parcel, descriptors) }
        do throws(SystemError) {
            let file = try MemoryFile(holding: parcel)
            return send(message: Array(parcel.prefix(Parcel.headerLength)), descriptors + [file.descriptor])
        } catch {
            return error.code
        }
    }

    /// Sends through the first pair whose queue has room. One that is full stays so: nobody reads it before the next
    /// process does.
    private func send(message: [UInt8], _ descriptors: [CInt]) -> CInt {
        var index = current.load(ordering: .relaxed)
        while index < senders.count {
            switch senders[index].send(message, descriptors) {
            case .sent:
                return 0
            case .refused(EAGAIN):
                _ = current.compareExchange(expected: index, desired: index + 1, ordering: .relaxed)
                index += 1
            case .refused(let error):
                return error
            }
        }
        return EAGAIN
    }
}
