import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite("Prometheus' text format")
struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(buckets: .init([0.1, 1]))

    @Test("counters, gauges and histograms are written with help, type and labels")
    func text() {
        registry.describe("a_total", "Things.\nMany \\ of them.")
        let counter = Counter(label: "a_total", dimensions: [("z", "1"), ("path", "a\"\\\n")], factory: registry)
        counter.increment(by: 2)
        counter.increment()
        Gauge(label: "b", factory: registry).record(1.5)
        let timer = Timer(label: "c.seconds", factory: registry)
        timer.recordNanoseconds(100_000_000)
        timer.recordNanoseconds(100_000_001)
        timer.recordNanoseconds(3_000_000_000)
        #expect(
            registry.text() == #"""
                # HELP a_total Things.\nMany \\ of them.
                # TYPE a_total counter
                a_total{path="a\"\\\n",z="1"} 3
                # HELP b b
                # TYPE b gauge
                b 1.5
                # HELP c_seconds c_seconds
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.1"} 1
                c_seconds_bucket{le="1"} 2
                c_seconds_bucket{le="+Inf"} 3
                c_seconds_sum 3.200000001
                c_seconds_count 3

                """#
        )
    }

    @Test("the same name and labels are the same numbers; another kind of the same name is not shown")
    func identity() {
        for _ in 0..<2 { Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment() }
        Counter(label: "a", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
        Gauge(label: "a", factory: registry).record(9)
        #expect(registry.text().split(separator: "\n").dropFirst(2) == [#"a{x="1",y="2"} 3"#])
    }

    /// The value of a line of the text.
    private func value(_ name: String) -> Double? {
        registry.text().split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap {
            Double($0.split(separator: " ")[1])
        }
    }

    @Test("a sum goes on where 64 bits of nanoseconds end")
    func largeSums() throws {
        let timer = Timer(label: "t", factory: registry)
        for _ in 0..<8 { timer.recordNanoseconds(.max - 1) }
        let sum = try #require(value("t_sum"))
        #expect(abs(sum / (8 * 9_223_372_036.854776) - 1) < 1e-9)
        let recorder = Recorder(label: "r", factory: registry)
        for _ in 0..<3 { recorder.record(1e15) }
        recorder.record(0.5)
        #expect(value("r_sum") == 3e15 + 0.5)
        for _ in 0..<3 { recorder.record(Int64.max) }
        #expect(try #require(value("r_sum")) > 9e18)
        recorder.record(Double.infinity)
        #expect(value("r_count") == 7)
    }

    @Test("what is below nothing is taken off a sum, and never added to a counter")
    func negative() {
        let recorder = Recorder(label: "r", factory: registry)
        recorder.record(-2.5)
        recorder.record(1)
        #expect(value("r_sum") == -1.5)
        let counter = Counter(label: "c", factory: registry)
        counter.increment(by: 2)
        counter.increment(by: -5)
        #expect(value("c") == 2)
    }

    @Test("a counter that has come to its end stays there")
    func largestCount() {
        let counter = Counter(label: "c", factory: registry)
        for _ in 0..<5 {
            counter.increment(by: Int64.max - 1)
            #expect((value("c") ?? 0) >= 9.2e18)
        }
    }

    @Test("many at once lose nothing")
    func concurrent() async {
        let counter = Counter(label: "a", factory: registry)
        let meter = Meter(label: "m", factory: registry)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        meter.increment(by: 2)
                    }
                }
            }
        }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains("a 4000") && lines.contains("m 8000"))
    }

    @Test("a name has only the characters that names may have")
    func names() {
        #expect(TextFormat.name("http.request-é") == "http_request__")
        #expect(TextFormat.name("9a") == "_9a")
        #expect(TextFormat.number(.infinity) == "+Inf" && TextFormat.number(.nan) == "NaN")
    }
}
