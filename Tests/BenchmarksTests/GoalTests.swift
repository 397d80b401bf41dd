import BenchmarkResults
import Testing

@Suite struct GoalTests {
    private static func run(hello: [Double], hyper: [Double]) -> BenchmarkRun {
        var part = PartResult(id: "p", title: "A part", method: "", metrics: [Metric("cpu", "CPU", unit: "µs")])
        for value in hello { part.record(["cpu": value], of: "hello") }
        for value in hyper { part.record(["cpu": value], of: "hyper") }
        var run = BenchmarkRun(facts: [], servers: [])
        run.parts = [part]
        return run
    }

    @Test func aBoundIsComparedWithTheMedian() {
        let run = Self.run(hello: [9, 10, 99], hyper: [])
        #expect(Goal("p", "cpu", .atMost(10)).judge(run)?.verdict == .met)
        #expect(Goal("p", "cpu", .atMost(9.9)).judge(run)?.verdict == .notMet)
        #expect(Goal("p", "cpu", .atLeast(10)).judge(run)?.verdict == .met)
        #expect(Goal("p", "cpu", .atLeast(11)).judge(run)?.verdict == .notMet)
    }

    @Test func aRatioIsThatOfTheMedians() {
        let run = Self.run(hello: [11.5], hyper: [10])
        let judgement = Goal("p", "cpu", .atMostTimes(1.15, of: "hyper")).judge(run)
        #expect(judgement?.verdict == .met)
        #expect(judgement?.goal == "CPU ≤ 1.15 × hyper's")
        #expect(judgement?.figure == "1.15 × (11.50 µs to 10 µs)")
        #expect(Goal("p", "cpu", .atMostTimes(1.1, of: "hyper")).judge(run)?.verdict == .notMet)
    }

    @Test func equalIsNotBelow() {
        let run = Self.run(hello: [10], hyper: [10])
        #expect(Goal("p", "cpu", .below("hyper")).judge(run)?.verdict == .notMet)
        #expect(Goal("p", "cpu", .atMostTimes(1, of: "hyper")).judge(run)?.verdict == .met)
    }

    @Test func withoutFiguresAGoalIsNeitherMetNorMissed() {
        let withoutPeer = Goal("p", "cpu", .below("go")).judge(Self.run(hello: [1], hyper: [2]))
        #expect(withoutPeer?.verdict == .unknown)
        #expect(withoutPeer?.figure == "go was not measured")
        #expect(Goal("p", "cpu", .atMost(1)).judge(Self.run(hello: [], hyper: [2]))?.verdict == .unknown)
    }

    @Test func aPartThatDidNotRunHasNoGoals() {
        #expect(Goal("other", "cpu", .atMost(1)).judge(Self.run(hello: [1], hyper: [1])) == nil)
    }

    @Test func aMissedGoalSaysWhenTheMachineMayBeWhy() {
        let goal = Goal("p", "cpu", .atLeast(2), caveat: "the client limits")
        #expect(goal.judge(Self.run(hello: [1], hyper: []))?.figure == "1 µs (the client limits)")
        #expect(goal.judge(Self.run(hello: [3], hyper: []))?.figure == "3 µs")
    }
}
