import HTTPServer
import Testing

@testable import hellod

@Suite("What is written down of open connections")
struct ParcelTests {
    private let connections = [
        OpenConnection(descriptor: 7, listener: "http"),
        OpenConnection(descriptor: 9, listener: "", received: Array("GET / HT".utf8)),
        OpenConnection(descriptor: 8, listener: String(repeating: "x", count: 255), received: [0, 255, 10]),
    ]

    @Test("is read as it was written")
    func roundTrip() throws {
        for count in 0...connections.count {
            let share = connections.prefix(count)
            #expect(try Parcel.unpack(Parcel.pack(share), share.map(\.descriptor)) == Array(share))
        }
        let many = (0..<253).map { OpenConnection(descriptor: CInt($0), listener: "http") }
        #expect(try Parcel.unpack(Parcel.pack(many[...]), many.map(\.descriptor)) == many)
    }

    @Test("has a version, and says which where it is not known")
    func version() {
        var octets = Parcel.pack(connections[...])
        octets[5] = 99
        #expect(throws: Parcel.Problem.versionUnknown(99)) { try Parcel.unpack(octets, [7, 9, 8]) }
    }

    @Test("is refused where it is cut, prolonged, or has other descriptors than it says")
    func malformed() {
        let octets = Parcel.pack(connections[...])
        for length in 0..<octets.count {
            #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(Array(octets.prefix(length)), [7, 9, 8]) }
        }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets + [0], [7, 9, 8]) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets, [7, 9]) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack(octets, [7, 9, 8, 1]) }
        #expect(throws: Parcel.Problem.malformed) { try Parcel.unpack([0] + octets.dropFirst(), [7, 9, 8]) }
    }

    @Test("fits into a message")
    func fitting() {
        let many = (0..<1000).map { OpenConnection(descriptor: CInt($0), listener: "http") }
        #expect(Parcel.fitting(many[...], descriptors: 253, octets: 16384) == 253)
        let large = (0..<3).map {
            OpenConnection(descriptor: CInt($0), listener: "http", received: Array(repeating: 65, count: 8000))
        }
        let count = Parcel.fitting(large[...], descriptors: 253, octets: 16384)
        #expect(count == 2)
        #expect(Parcel.pack(large.prefix(count)).count <= 16384)
        #expect(Parcel.fitting(large[...], descriptors: 253, octets: 100) == 0)
    }
}
