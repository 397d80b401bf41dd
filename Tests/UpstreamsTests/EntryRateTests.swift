import Testing

@testable import Upstreams

@Suite("How many entries there may be")
struct EntryRateTests {
    @Test("the first ones of a period are written, the others counted")
    func bounded() {
        var rate = EntryRate()
        var written = 0
        for number in 0..<1000 {
            switch rate.next() {
            case .write(let isFirst):
                #expect(isFirst == (number == 0))
                written += 1
            case .leaveOut: break
            }
        }
        #expect(written == EntryRate.most && rate.leftOut == 1000 - written)
    }
}
