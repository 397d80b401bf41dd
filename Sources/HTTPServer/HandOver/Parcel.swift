/// How open connections are written down for the next process: octets that go with their descriptors, in the same order.
/// Pure.
///
///     'hello' version count { connection } × count
///
/// Numbers are big-endian; what varies in length is preceded by its length. A version that a process does not know is
/// dropped whole: its clients see a close. So a change of the format gets a new version, and keeps the first seven octets
/// as they are.
///
/// Version 3 is version 2 with the content of requests. What has none is written as version 2 and as before, so that also a
/// process that knows no other takes it up.
public enum Parcel {
    /// The newest version that is read, and written where the one before cannot say all.
    public static let version: UInt8 = 3
    private static let versionWithoutContent: UInt8 = 2
    /// The most connections of one parcel.
    public static let mostConnections = Int(UInt8.max)
    /// Octets that every version begins with.
    public static let headerLength = magic.count + 2
    private static let magic = Array("hello".utf8)

    /// Why octets are no parcel that this process understands.
    public enum Problem: Error, Equatable {
        /// Another version of the daemon packed it.
        case versionUnknown(UInt8)
        /// It is none.
        case malformed
    }

    /// Writes connections down, ``mostConnections`` at most.
    public static func pack(_ connections: ArraySlice<OpenConnection>) -> [UInt8] {
        precondition(connections.count <= mostConnections)
        let hasContent = connections.contains { $0.request?.content != nil }
        let version = hasContent ? version : versionWithoutContent
        var writer = ParcelWriter(octets: magic + [version, UInt8(connections.count)])
        for connection in connections { writer.write(connection) }
        return writer.octets
    }

    /// How many connections a parcel says it has, whatever its version; 0 for what is none.
    public static func count(_ octets: some Collection<UInt8>) -> Int {
        guard octets.count >= headerLength, octets.starts(with: magic) else { return 0 }
        return Int(octets[octets.index(octets.startIndex, offsetBy: magic.count + 1)])
    }

    /// Reads what was written down, for descriptors in the same order.
    public static func unpack(_ octets: [UInt8], _ descriptors: some Collection<CInt>) throws(Problem)
        -> [OpenConnection]
    {
        guard octets.count >= headerLength, octets.starts(with: magic) else { throw .malformed }
        let flags: Flags
        switch octets[magic.count] {
        case version: flags = .all
        case versionWithoutContent: flags = .all.subtracting(.hasContent)
        default: throw .versionUnknown(octets[magic.count])
        }
        guard Int(octets[magic.count + 1]) == descriptors.count else { throw .malformed }
        var reader = ParcelReader(rest: octets[headerLength...], knownFlags: flags)
        var connections: [OpenConnection] = []
        connections.reserveCapacity(descriptors.count)
        for descriptor in descriptors { connections.append(try reader.connection(descriptor)) }
        guard reader.rest.isEmpty else { throw .malformed }
        return connections
    }

    /// What the octet behind a stage says.
    struct Flags: OptionSet {
        var rawValue: UInt8

        static let isNew = Flags(rawValue: 1)
        static let isStalled = Flags(rawValue: 2)
        static let hasRequest = Flags(rawValue: 4)
        static let hasBody = Flags(rawValue: 8)
        static let hasID = Flags(rawValue: 16)
        static let awaitsProxyHeader = Flags(rawValue: 32)
        static let hasClient = Flags(rawValue: 64)
        static let hasContent = Flags(rawValue: 128)
        static let all: Flags = [
            .isNew, .isStalled, .hasRequest, .hasBody, .hasID, .awaitsProxyHeader, .hasClient, .hasContent,
        ]
    }
}

private struct ParcelWriter {
    var octets: [UInt8]

    mutating func write(_ connection: OpenConnection) {
        var flags: Parcel.Flags = []
        if connection.isNew { flags.insert(.isNew) }
        if connection.stalledSince != nil { flags.insert(.isStalled) }
        if connection.request != nil { flags.insert(.hasRequest) }
        if connection.request?.body != nil { flags.insert(.hasBody) }
        if connection.request?.id != nil { flags.insert(.hasID) }
        if connection.request?.content != nil { flags.insert(.hasContent) }
        if connection.awaitsProxyHeader { flags.insert(.awaitsProxyHeader) }
        if connection.client != nil { flags.insert(.hasClient) }
        octets += [connection.stage.rawValue, flags.rawValue]
        write(Array(connection.listener.utf8))
        if let client = connection.client { write(client) }
        write(connection.acceptedAt)
        write(connection.since)
        write(connection.leftAt)
        if let stalledSince = connection.stalledSince { write(stalledSince) }
        if let request = connection.request {
            write(request.head)
            octets.append(UInt8(clamping: request.travels))
            if let id = request.id { write(Array(id.utf8)) }
            if let body = request.body {
                octets.append(body.state)
                for number in [body.left, body.size, body.sizeLineOctets, body.content] { write(UInt64(number)) }
            }
            if let content = request.content { write(content) }
        }
        write(connection.received)
        write(connection.unsent)
    }

    private mutating func write(_ address: ClientAddress) {
        switch address {
        case .unix:
            octets.append(0)
        case .ipv4(let address, let port):
            octets.append(4)
            for number in [UInt64(address), UInt64(port)] { write(number) }
        case .ipv6(let high, let low, let port):
            octets.append(6)
            for number in [high, low, UInt64(port)] { write(number) }
        }
    }

    private mutating func write(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { octets += $0 }
    }

    private mutating func write(_ text: [UInt8]) {
        withUnsafeBytes(of: UInt32(text.count).bigEndian) { octets += $0 }
        octets += text
    }
}

private struct ParcelReader {
    var rest: ArraySlice<UInt8>
    let knownFlags: Parcel.Flags

    mutating func connection(_ descriptor: CInt) throws(Parcel.Problem) -> OpenConnection {
        guard let stage = OpenConnection.Stage(rawValue: try octet()) else { throw .malformed }
        let flags = Parcel.Flags(rawValue: try octet())
        // Without its request, or with one that does not belong there, a stage means nothing.
        let (isInBody, isInWork) = (stage == .body, stage == .working)
        guard flags.isSubset(of: knownFlags), flags.contains(.hasRequest) == (isInBody || isInWork),
            flags.contains(.hasBody) == isInBody,
            flags.contains(.hasID) == isInWork,
            !flags.contains(.hasContent) || flags.contains(.hasRequest)
        else { throw .malformed }
        let listener = try string()
        var connection = OpenConnection(
            descriptor: descriptor,
            listener: listener,
            client: flags.contains(.hasClient) ? try address() : nil,
            awaitsProxyHeader: flags.contains(.awaitsProxyHeader),
            stage: stage,
            isNew: flags.contains(.isNew),
            acceptedAt: try number(),
            since: try number(),
            leftAt: try number()
        )
        if flags.contains(.isStalled) { connection.stalledSince = try number() }
        if flags.contains(.hasRequest) {
            var request = OpenConnection.UnansweredRequest(head: Array(try text()), travels: Int(try octet()))
            if flags.contains(.hasID) { request.id = try string() }
            if flags.contains(.hasBody) {
                request.body = BodyProgress(
                    state: try octet(),
                    left: try count(),
                    size: try count(),
                    sizeLineOctets: try count(),
                    content: try count()
                )
            }
            if flags.contains(.hasContent) { request.content = Array(try text()) }
            connection.request = request
        }
        connection.received = Array(try text())
        connection.unsent = Array(try text())
        return connection
    }

    private mutating func address() throws(Parcel.Problem) -> ClientAddress {
        switch try octet() {
        case 0: return .unix
        case 4: return .ipv4(address: try exactly(), port: try exactly())
        case 6: return .ipv6(high: try number(), low: try number(), port: try exactly())
        default: throw .malformed
        }
    }

    /// A number that fits where it belongs.
    private mutating func exactly<Number: FixedWidthInteger>() throws(Parcel.Problem) -> Number {
        guard let exact = Number(exactly: try number()) else { throw .malformed }
        return exact
    }

    private mutating func octet() throws(Parcel.Problem) -> UInt8 {
        guard let octet = rest.popFirst() else { throw .malformed }
        return octet
    }

    private mutating func number() throws(Parcel.Problem) -> UInt64 {
        try take(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func count() throws(Parcel.Problem) -> Int {
        try exactly()
    }

    private mutating func string() throws(Parcel.Problem) -> String {
        guard let string = String(validating: try text(), as: UTF8.self) else { throw .malformed }
        return string
    }

    private mutating func text() throws(Parcel.Problem) -> ArraySlice<UInt8> {
        try take(try take(4).reduce(0) { $0 << 8 | Int($1) })
    }

    private mutating func take(_ count: Int) throws(Parcel.Problem) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
