/// Reads one line of `Forwarded` (RFC 7239 section 4): elements between commas, each of pairs between semicolons.
///
/// White space around a semicolon is forgiven; everything else is as the grammar says, since what was misread could name
/// another client than the proxy meant.
enum ForwardedField {
    /// Why a line says nothing.
    struct Malformed: Error, Equatable {}

    /// The nodes of the `for` parameters, in their order; an element without one is of somebody unknown.
    static func nodes(_ line: some StringProtocol) throws(Malformed) -> [ForwardedNode] {
        var reader = Reader(rest: Array(line.utf8)[...])
        var nodes: [ForwardedNode] = []
        while true {
            reader.skipSpace()
            // Empty elements of a list are skipped (RFC 9110 section 5.6.1.2).
            if reader.take(UInt8(ascii: ",")) { continue }
            if reader.rest.isEmpty { return nodes }
            nodes.append(try element(&reader))
            reader.skipSpace()
            guard reader.rest.isEmpty || reader.take(UInt8(ascii: ",")) else { throw Malformed() }
        }
    }

    private static func element(_ reader: inout Reader) throws(Malformed) -> ForwardedNode {
        var node = ForwardedNode.unknown
        var names: Set<String> = []
        repeat {
            reader.skipSpace()
            // A pair may be missing before or behind a semicolon.
            guard let first = reader.rest.first, first != UInt8(ascii: ";"), first != UInt8(ascii: ",") else {
                continue
            }
            let name = try reader.token().lowercased()
            guard reader.take(UInt8(ascii: "=")), names.insert(name).inserted else { throw Malformed() }
            let value = try reader.value()
            if name == "for" {
                guard let given = ForwardedNode(value) else { throw Malformed() }
                node = given
            }
            reader.skipSpace()
        } while reader.take(UInt8(ascii: ";"))
        return node
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ octet: UInt8) -> Bool {
            guard rest.first == octet else { return false }
            rest.removeFirst()
            return true
        }

        mutating func skipSpace() { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }

        mutating func token() throws(Malformed) -> String {
            let token = rest.prefix { ByteClass.token.contains($0) }
            guard !token.isEmpty else { throw Malformed() }
            rest = rest[token.endIndex...]
            return String(decoding: token, as: UTF8.self)
        }

        /// A token, or a quoted string (RFC 9110 section 5.6.4).
        mutating func value() throws(Malformed) -> String {
            guard take(UInt8(ascii: "\"")) else { return try token() }
            var octets: [UInt8] = []
            while let octet = rest.popFirst() {
                switch octet {
                case UInt8(ascii: "\""): return String(decoding: octets, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst() else { throw Malformed() }
                    octets.append(escaped)
                default: octets.append(octet)
                }
            }
            throw Malformed()
        }
    }
}
