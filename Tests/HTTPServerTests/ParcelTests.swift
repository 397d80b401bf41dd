import Testing

@testable import HTTPServer

@Suite("What is written down of open connections")
struct ParcelTests {
    private static let request = OpenConnection.UnansweredRequest(
        head: Array("GET / HTTP/1.1\r\n\r\n".utf8),
        id: "id",
        travels: 2
    )
    private let connections = [
        OpenConnection(descriptor: 7, listener: "http", isNew: true),
        OpenConnection(descriptor: 9, listener: "", stage: .head, since: .max, received: Array("GET / HT".utf8)),
        OpenConnection(
            descriptor: 8,
            listener: String(repeating: "x", count: 300),
            stage: .body,
            acceptedAt: 1,
            since: 2,
            leftAt: 3,
            request: .init(head: [1], body: BodyProgress(state: 4, left: 5, size: 6, sizeLineOctets: 7, content: 8)),
            received: [0, 255, 10]
        ),
        OpenConnection(descriptor: 1, listener: "http", stage: .working, request: request, received: [1]),
        OpenConnection(
            descriptor: 10,
            listener: "http",
            stage: .body,
            request: .init(head: [1], body: BodyProgress(left: 5), content: [7, 8, 9])
        ),
        OpenConnection(
            descriptor: 12,
            listener: "http",
            stage: .body,
            request: .init(head: [1], body: BodyProgress(left: 5), content: [])
        ),
        OpenConnection(
            descriptor: 13,
            listener: "http",
            stage: .working,
            request: .init(head: [1], id: "id", content: [UInt8](repeating: 3, count: 70_000))
        ),
        OpenConnection(descriptor: 2, listener: "http", stage: .finishing, stalledSince: 77, unsent: [4, 5]),
        OpenConnection(descriptor: 3, listener: "http", stage: .lingering),
        OpenConnection(descriptor: 4, listener: "proxy", awaitsProxyHeader: true, isNew: true, received: [13, 10]),
        OpenConnection(descriptor: 5, listener: "proxy", client: .unix),
        OpenConnection(descriptor: 6, listener: "proxy", client: .ipv4(address: .max, port: .max)),
        OpenConnection(descriptor: 11, listener: "proxy", client: .ipv6(high: 1, low: .max, port: 80), stage: .head),
    ]

    private var descriptors: [CInt] { connections.map(\.descriptor) }

    @Test("is read as it was written, in every stage")
    func roundTrip() throws {
        #expect(Set(connections.map(\.stage)) == Set(OpenConnection.Stage.allCases))
        for count in 0...connections.count {
            let share = connections.prefix(count)
            let octets = Parcel.pack(share)
            #expect(try Parcel.unpack(octets, share.map(\.descriptor)) == Array(share))
            #expect(Parcel.count(octets) == count)
        }
        let many = (0..<253).map { OpenConnection(descriptor: CInt($0), listener: "http") }
        #expect(try Parcel.unpack(Parcel.pack(many[...]), many.map(\.descriptor)) == many)
    }

    @Test("has a version, and says which where it is not known")
    func version() {
        var octets = Parcel.pack(connections[...])
        for version: UInt8 in [1, 99] {
            octets[5] = version
            #expect(throws: Parcel.Problem.versionUnknown(version)) { try Parcel.unpack(octets, descriptors) }
            #expect(Parcel.count(octets) == connections.count)
        }
    }

    @Test("is written as before where there is no content, and is read as such; with content it says so")
    func versionBefore() throws {
        let without = connections.filter { $0.request?.content == nil }
        let octets = Parcel.pack(without[...])
        #expect(octets[5] == 2 && Parcel.pack(connections[...])[5] == 3)
        #expect(try Parcel.unpack(octets, without.map(\.descriptor)) == without)
        var newer = octets
        newer[5] = 3
        #expect(try Parcel.unpack(newer, without.map(\.descriptor)) == without)
    }

    @Test("content in a parcel of the version before, or where no request is, is malformed")
    func contentMisplaced() {
        var octets = Parcel.pack(connections[...])
        octets[5] = 2
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets, descriptors) }
        let idle = [OpenConnection(descriptor: 3, listener: "http")]
        var flagged = Parcel.pack(idle[...])
        flagged[5] = 3
        #expect(throws: Never.self) { try Parcel.unpack(flagged, [3]) }
        flagged[8] |= 128
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(flagged, [3]) }
        // Also where the octets of some content are there.
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(flagged + [0, 0, 0, 0], [3]) }
    }

    @Test("is refused where it is cut, prolonged, or has other descriptors than it says")
    func malformed() {
        // But for the one that is much of the same.
        let connections = connections.filter { $0.request?.content?.count ?? 0 < 1000 }
        let descriptors = connections.map(\.descriptor)
        let octets = Parcel.pack(connections[...])
        for length in 0..<octets.count {
            #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(Array(octets.prefix(length)), descriptors) }
        }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets + [0], descriptors) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets, descriptors.dropLast()) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets, descriptors + [1]) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack([0] + octets.dropFirst(), descriptors) }
    }

    @Test("is refused, and ends nothing, whichever of its octets is another")
    func changed() {
        // But for the one that is much of the same.
        let connections = connections.filter { $0.request?.content?.count ?? 0 < 1000 }
        let descriptors = connections.map(\.descriptor)
        let octets = Parcel.pack(connections[...])
        for index in octets.indices {
            for value: UInt8 in [0, 1, 0x7f, 0xff] {
                var changed = octets
                changed[index] = value
                guard let read = try? Parcel.unpack(changed, descriptors) else { continue }
                for connection in read {
                    guard let request = connection.request else { continue }
                    _ = RequestParser.takingUp(
                        request.head,
                        request.body,
                        content: request.content,
                        limits: RequestLimits()
                    )
                }
            }
        }
    }

    @Test("what is no state of a body, or does not fit its head, is not gone on with")
    func bodies() {
        let fixed = Array("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n".utf8)
        let chunked = Array("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        func canGoOn(_ head: [UInt8], _ body: BodyProgress?) -> Bool {
            RequestParser.takingUp(head, body, limits: RequestLimits()) != nil
        }
        #expect(canGoOn(fixed, nil) && canGoOn(chunked, nil))
        #expect(canGoOn(fixed, BodyProgress(left: 10)) && !canGoOn(fixed, BodyProgress(left: 11)))
        #expect(!canGoOn(fixed, BodyProgress(left: -1)) && !canGoOn(fixed, BodyProgress(state: 1)))
        #expect(!canGoOn(fixed, BodyProgress(left: 5, size: 1)) && !canGoOn(chunked, BodyProgress(state: 1, left: 5)))
        #expect(canGoOn(chunked, BodyProgress(state: 1)) && !canGoOn(chunked, BodyProgress()))
        #expect(!canGoOn(chunked, BodyProgress(state: 4, left: 0)) && !canGoOn(chunked, BodyProgress(state: 25)))
        #expect(!canGoOn(chunked, BodyProgress(state: 1, content: .max)))
        func canGoOn(_ head: [UInt8], _ body: BodyProgress?, content count: Int) -> Bool {
            let content = [UInt8](repeating: 1, count: count)
            return RequestParser.takingUp(head, body, content: content, limits: RequestLimits()) != nil
        }
        #expect(canGoOn(fixed, BodyProgress(left: 4), content: 6) && canGoOn(fixed, BodyProgress(left: 10), content: 0))
        for count in [5, 7] { #expect(!canGoOn(fixed, BodyProgress(left: 4), content: count)) }
        #expect(canGoOn(fixed, nil, content: 10) && !canGoOn(fixed, nil, content: 9))
        let inChunk = BodyProgress(state: 4, left: 2, size: 5, sizeLineOctets: 2, content: 8)
        #expect(canGoOn(chunked, inChunk, content: 6) && !canGoOn(chunked, inChunk, content: 8))
        #expect(canGoOn(chunked, BodyProgress(state: 7, content: 8), content: 8) && canGoOn(chunked, nil, content: 3))
        #expect(!canGoOn(chunked, BodyProgress(state: 4, left: .max, content: .min), content: 1))
        #expect(!canGoOn(fixed + [0x20], nil) && !canGoOn(Array(fixed.dropLast()), nil) && !canGoOn([], nil))
    }
}
