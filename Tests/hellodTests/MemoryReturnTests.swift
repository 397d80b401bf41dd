import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("Memory is given back")
struct MemoryReturnTests {
    @Test("once after the start, and when the connections have fallen to half of a peak, and again behind the next one")
    func afterAPeak() {
        var decision = MemoryReturnDecision()
        let counts = [0, 300, 1000, 501, 500, 400, 100, 0, 0, 256, 128, 0]
        let looks = counts.map { decision.look(connections: $0, most: $0) }
        #expect(looks == [true, false, false, false, true, false, true, false, false, false, true, false])
    }

    @Test("also behind a peak that came and went between two looks")
    func shortPeak() {
        var decision = MemoryReturnDecision()
        let looks = [(0, 10_000), (0, 0), (10, 10)].map { decision.look(connections: $0, most: $1) }
        #expect(looks == [true, false, false])
    }

    @Test("not for a few connections")
    func smallPeak() {
        var decision = MemoryReturnDecision()
        #expect([255, 0, 100, 0].map { decision.look(connections: $0, most: $0) } == [true, false, false, false])
    }
}
