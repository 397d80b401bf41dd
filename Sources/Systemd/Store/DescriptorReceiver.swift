import CSystemd
import Glibc

/// Reads what an earlier process sent through a ``DescriptorSender`` whose receiving end it had stored.
///
/// ```swift
/// var receiver = DescriptorReceiver(stored)
/// while let message = try receiver.next() { take(message.octets, message.descriptors) }
/// ```
public struct DescriptorReceiver: ~Copyable, Sendable {
    /// One message.
    public struct Message: Sendable {
        /// What the descriptors are.
        public var octets: [UInt8]
        /// The descriptors, close-on-exec. They are the caller's, to be closed.
        public var descriptors: [CInt]
    }

    private let descriptor: OwnedDescriptor
    private var buffer = [UInt8](repeating: 0, count: DescriptorSender.octetsAMessage)

    /// Takes over the receiving end.
    public init(_ stored: consuming StoredDescriptor) {
        descriptor = OwnedDescriptor(stored.takeDescriptor())
    }

    /// The next message, or nil when there is no more: the sender has gone, or has sent no more so far.
    ///
    /// - Throws: ``NotificationError/systemCall(_:errno:)``: what is stored is no such end, or this process may open no
    ///   more descriptors, so that the kernel had to close some (`EMFILE`).
    public mutating func next() throws(NotificationError) -> Message? {
        var descriptors = [CInt](repeating: -1, count: DescriptorSender.descriptorsAMessage)
        var count = 0
        var truncated: CInt = 0
        var received: Int
        repeat {
            received = csystemd_receive(descriptor.number, &buffer, buffer.count, &descriptors, &count, &truncated)
        } while received < 0 && errno == EINTR
        if received < 0, errno == EAGAIN { return nil }
        guard received >= 0 else { throw .systemCall("recvmsg", errno: errno) }
        if truncated != 0 {
            for number in descriptors.prefix(count) { _ = close(number) }
            throw .systemCall("recvmsg", errno: EMFILE)
        }
        // A stream ends with nothing at all.
        if received == 0 { return nil }
        return Message(octets: Array(buffer.prefix(received)), descriptors: Array(descriptors.prefix(count)))
    }

    /// Looks at the messages that wait, without taking any: they stay for whoever calls ``next()``, here or in a later
    /// process.
    ///
    /// - Parameter length: how many octets of each to return, at most.
    /// - Returns: the beginning of each message; as many as could be read.
    public mutating func beginnings(_ length: Int) -> [[UInt8]] {
        // Each look goes on behind the last one (SO_PEEK_OFF, socket(7)), and ends where a message's descriptors end.
        var offset: CInt = 0
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(descriptor.number, SOL_SOCKET, SO_PEEK_OFF, &offset, size) == 0 else { return [] }
        defer {
            offset = -1
            setsockopt(descriptor.number, SOL_SOCKET, SO_PEEK_OFF, &offset, size)
        }
        var beginnings: [[UInt8]] = []
        while true {
            let count = recv(descriptor.number, &buffer, buffer.count, CInt(MSG_PEEK | MSG_DONTWAIT))
            guard count > 0 else { return beginnings }
            beginnings.append(Array(buffer.prefix(min(count, length))))
        }
    }
}
