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
}
