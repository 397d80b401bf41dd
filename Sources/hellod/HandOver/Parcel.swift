import HTTPServer

/// How open connections are written down for the next process: one message with up to 253 descriptors, and octets that say
/// for each where it came from and what was read of it already. Pure.
///
///     'hello' version count { length-of-name name length-of-received(2) received } × count
///
/// A version that a process does not know is dropped whole: its clients see a close. So a change of the format gets a
/// new version, and keeps the first six octets as they are.
enum Parcel {
    static let version: UInt8 = 1
    private static let magic = Array("hello".utf8)
    private static let headerLength = magic.count + 2

    /// Why octets are no parcel that this process understands.
    enum Problem: Error, Equatable {
        /// Another version of the daemon packed it.
        case versionUnknown(UInt8)
        /// It is none.
        case malformed
    }

    /// Octets that one connection takes.
    private static func length(_ connection: OpenConnection) -> Int {
        3 + connection.listener.utf8.count + connection.received.count
    }

    /// How many of the connections, from the first on, fit into one message.
    static func fitting(_ connections: ArraySlice<OpenConnection>, descriptors: Int, octets: Int) -> Int {
        var left = octets - headerLength
        var count = 0
        for connection in connections.prefix(min(descriptors, Int(UInt8.max))) {
            left -= length(connection)
            guard left >= 0, connection.listener.utf8.count <= Int(UInt8.max) else { break }
            count += 1
        }
        return count
    }

    /// Writes connections down; they must fit.
    static func pack(_ connections: ArraySlice<OpenConnection>) -> [UInt8] {
        var octets = magic + [version, UInt8(connections.count)]
        for connection in connections {
            octets.append(UInt8(connection.listener.utf8.count))
            octets += connection.listener.utf8
            octets += [UInt8(connection.received.count >> 8), UInt8(connection.received.count & 0xff)]
            octets += connection.received
        }
        return octets
    }

    /// Reads what was written down, for descriptors in the same order.
    static func unpack(_ octets: [UInt8], _ descriptors: [CInt]) throws(Problem) -> [OpenConnection] {
        guard octets.count >= headerLength, octets.starts(with: magic) else { throw .malformed }
        guard octets[magic.count] == version else { throw .versionUnknown(octets[magic.count]) }
        guard Int(octets[magic.count + 1]) == descriptors.count else { throw .malformed }
        var rest = octets[headerLength...]
        var connections: [OpenConnection] = []
        for descriptor in descriptors {
            guard let nameLength = rest.popFirst(), let name = take(Int(nameLength), &rest),
                let high = rest.popFirst(), let low = rest.popFirst(),
                let received = take(Int(high) << 8 | Int(low), &rest)
            else { throw .malformed }
            let listener = String(decoding: name, as: UTF8.self)
            connections.append(OpenConnection(descriptor: descriptor, listener: listener, received: Array(received)))
        }
        guard rest.isEmpty else { throw .malformed }
        return connections
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
