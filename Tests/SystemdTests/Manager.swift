import CSystemd
import Glibc
import Testing

/// The test as a service manager: a datagram socket that NOTIFY_SOCKET names.
struct Manager {
    let address: String
    let socket: TestDescriptor

    /// - Parameter address: a path, or an abstract name that begins with `@`.
    init(at address: String) throws {
        self.address = address
        socket = try Sockets.unix(address, type: Sockets.datagram, queue: nil)
    }

    var environment: [String: String] { ["NOTIFY_SOCKET": address] }

    /// A descriptor that came with a message, and the message. Waits at most 20 s.
    func receive() throws -> (message: String, descriptor: TestDescriptor?) {
        var request = pollfd(fd: socket.number, events: CShort(POLLIN), revents: 0)
        try #require(poll(&request, 1, 20_000) > 0, "no notification came")
        var data = [UInt8](repeating: 0, count: 8_192)
        // One SCM_RIGHTS message of one descriptor: a header of 16 bytes, and 4 padded to 8 (CMSG_SPACE).
        var control = [UInt8](repeating: 0, count: 24)
        let (count, controlCount) = data.withUnsafeMutableBytes { data in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: data.baseAddress, iov_len: data.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var header = msghdr()
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    header.msg_control = control.baseAddress
                    header.msg_controllen = control.count
                    let count = recvmsg(socket.number, &header, 0)
                    return (count, header.msg_controllen)
                }
            }
        }
        try #require(count >= 0)
        let message = String(decoding: data[..<count], as: UTF8.self)
        guard controlCount >= 20 else { return (message, nil) }
        let number = control.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: CInt.self) }
        return (message, try TestDescriptor(number))
    }

    /// Whether no message waits.
    var isEmpty: Bool {
        var byte: UInt8 = 0
        return recv(socket.number, &byte, 1, CInt(MSG_DONTWAIT) | CInt(MSG_PEEK)) < 0 && errno == EAGAIN
    }

    /// Fills the queue to the last place, and returns how many messages that took.
    func fill() throws -> Int {
        var total = 0
        while true {
            // Anew until not one message goes: what one socket may have on its way is limited too.
            let count = try send(untilRefusedBy: try TestDescriptor(Glibc.socket(AF_UNIX, Sockets.datagram, 0)))
            if count == 0 { return total }
            total += count
        }
    }

    private func send(untilRefusedBy sender: TestDescriptor) throws -> Int {
        var count = 0
        while Sockets.withUnixAddress(address, { sendto(sender.number, "X=1", 3, CInt(MSG_DONTWAIT), $0, $1) }) > 0 {
            count += 1
        }
        try #require(errno == EAGAIN)
        return count
    }

    /// Takes everything out of the queue, and returns how many messages that were.
    func drain() throws -> Int {
        var count = 0
        while !isEmpty {
            _ = try receive()
            count += 1
        }
        return count
    }
}
