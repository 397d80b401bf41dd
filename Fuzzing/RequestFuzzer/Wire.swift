import Glibc

/// A pair of sockets, of which the client has one end: sends, and keeps what is written to it.
final class Wire {
    /// The server's end.
    let theirs: CInt
    private let ours: CInt
    private(set) var written: [UInt8] = []
    private var isClosed = false

    init() {
        var pair: [CInt] = [0, 0]
        let type = CInt(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC
        require(socketpair(AF_UNIX, type, 0, &pair) == 0, "no sockets")
        (ours, theirs) = (pair[0], pair[1])
    }

    /// Returns whether it was taken, whole.
    func send(_ octets: ArraySlice<UInt8>) -> Bool {
        octets.withUnsafeBytes { Glibc.send(ours, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) == $0.count }
    }

    /// Reads all that was written so far.
    func readAll() {
        guard !isClosed else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(ours, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            written += buffer.prefix(count)
        }
    }

    func endHalf() { shutdown(ours, CInt(SHUT_WR)) }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(ours)
    }
}

/// Ends the program where something is not so; libFuzzer then keeps the input.
func require(_ isSo: Bool, _ what: @autoclosure () -> String) {
    if !isSo { fatalError(what()) }
}
