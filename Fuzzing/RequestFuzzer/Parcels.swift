import HTTPServer

@testable import HTTPServer

/// What is written down of open connections, from one process to the next: octets that another version may have written.
enum Parcels {
    /// The first octet of an input that is a parcel.
    static let choice: UInt8 = 0xff

    /// Reads a parcel; what it holds is gone on with as far as that is possible without a socket.
    static func read(_ octets: [UInt8]) {
        let descriptors = (0..<Parcel.count(octets)).map { CInt($0) }
        guard let connections = try? Parcel.unpack(octets, descriptors) else { return }
        // Where there is no content, as a version that may be older.
        let header = Parcel.headerLength
        require(Parcel.pack(connections[...])[header...] == octets[header...], "what was read is written otherwise")
        for connection in connections {
            var keepsAlive = true
            if let request = connection.request {
                guard
                    let (parser, head) = RequestParser.takingUp(
                        request.head,
                        request.body,
                        content: request.content,
                        limits: RequestLimits()
                    )
                else { continue }
                require(parser.bodyProgress == request.body, "the body is somewhere else")
                require(request.body == nil || parser.content == request.content, "the content is another")
                require(head.octets == request.head, "the head is another")
                keepsAlive = head.semantics.keepsAlive
                _ = parser.holdsRequest(connection.received.span)
            }
            let state = ConnectionState(
                timeouts: ConnectionTimeouts(),
                takingUp: connection,
                keepsAlive: keepsAlive,
                at: MonotonicTime(nanoseconds: 1 << 50)
            )
            require(state.stage == connection.stage, "the stage is \(String(describing: state.stage))")
            _ = state.expiry(at: MonotonicTime(nanoseconds: 1 << 51))
        }
    }
}
