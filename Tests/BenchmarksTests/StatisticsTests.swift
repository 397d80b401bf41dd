import BenchmarkResults
import Testing

@Suite struct StatisticsTests {
    @Test func oneBadRoundDoesNotMoveTheMedian() {
        let summary = Summary([10, 11, 250, 9, 10.5])
        #expect(summary?.median == 10.5)
        #expect(summary?.lowest == 9)
        #expect(summary?.highest == 250)
        #expect(summary?.count == 5)
    }

    @Test func anEvenNumberOfRoundsHasItsMedianBetweenTheTwoInTheMiddle() {
        #expect(Summary([1, 4, 2, 3])?.median == 2.5)
    }

    @Test func nothingMeasuredHasNoMedian() {
        #expect(Summary([]) == nil)
        #expect(Summary([.nan, .infinity]) == nil)
    }
}
