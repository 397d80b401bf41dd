import Glibc

/// A connected, non-blocking stream socket, and what the kernel has not yet taken of what was written to it.
struct StreamSocket {
    enum Received {
        case octets(Int)
        case nothing
        /// The peer has closed its half.
        case end
        case failed
    }

    let descriptor: CInt
    private var unsent: [UInt8] = []
    private var offset = 0

    /// - Parameter unsent: What is to be written before anything else.
    init(descriptor: CInt, unsent: [UInt8] = []) {
        self.descriptor = descriptor
        self.unsent = unsent
    }

    /// Whether the kernel has yet to take something.
    var hasUnsent: Bool { !unsent.isEmpty }

    /// Octets that the kernel has yet to take.
    var unsentCount: Int { unsent.count - offset }

    /// What the kernel has yet to take.
    var unsentOctets: ArraySlice<UInt8> { unsent[offset...] }

    /// Octets in memory for what is unsent.
    var unsentMemory: Int { unsent.count }

    /// Forgets what is unsent: the peer is gone.
    mutating func dropUnsent() {
        unsent = []
        offset = 0
    }

    /// Reads what has come.
    func receive(into memory: UnsafeMutableBufferPointer<UInt8>) -> Received {
        while true {
            let count = recv(descriptor, memory.baseAddress, memory.count, 0)
            if count > 0 { return .octets(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .nothing }
            guard errno == EINTR else { return .failed }
        }
    }

    /// Writes, behind what was written before. Returns false when the peer is gone.
    mutating func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard unsent.isEmpty else {
            unsent.append(contentsOf: bytes)
            return true
        }
        guard let sent = write(bytes) else { return false }
        if sent < bytes.count { unsent = Array(bytes[sent...]) }
        return true
    }

    /// Writes more of what is unsent. Returns false when the peer is gone.
    mutating func sendRest() -> Bool {
        let sent = unsent.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        guard let sent else { return false }
        offset += sent
        if offset == unsent.count { dropUnsent() }
        return true
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            guard errno == EINTR else { return nil }
        }
    }

    /// Closes our half.
    func endOutput() { shutdown(descriptor, CInt(SHUT_WR)) }
}
