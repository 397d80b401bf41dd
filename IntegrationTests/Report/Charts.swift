import Foundation

/// The frame of a chart: where things go in it, and its grid.
struct Plot {
    static let width = 880.0
    static let left = 64.0
    static let right = 12.0

    let top: Double
    let height: Double
    let maximum: Double

    /// A plot whose vertical axis reaches a round number at or above `largest`.
    init(top: Double, height: Double, largest: Double) {
        self.top = top
        self.height = height
        let size = pow(10, floor(log10(max(largest, 1e-9))))
        maximum = [1, 2, 5, 10].map { $0 * size }.first { $0 >= largest } ?? max(largest, 1)
    }

    /// Where a share of the whole width lies.
    static func x(_ share: Double) -> Double { left + share * (width - left - right) }

    /// Where a value lies.
    func y(_ value: Double) -> Double { top + height * (1 - min(max(value / maximum, 0), 1)) }

    /// Three lines across, with what each stands for.
    func grid(_ label: (Double) -> String) -> String {
        [0, 0.5, 1].map { share in
            let y = Self.number(y(share * maximum))
            return
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(y)\" y2=\"\(y)\"/>"
                + "<text x=\"\(Self.left - 6)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">"
                + "\(Formatting.escaped(label(share * maximum)))</text>"
        }.joined()
    }

    /// A coordinate.
    static func number(_ value: Double) -> String { String(format: "%.1f", value.isFinite ? value : 0) }

    /// A drawing with what it shows below.
    static func figure(_ name: String, height: Double, caption: String, _ content: String) -> String {
        """
        <h3>\(Formatting.escaped(name))</h3>
        <figure><svg viewBox="0 0 \(number(width)) \(number(height))" role="img" \
        aria-label="\(Formatting.escaped(name))">\(content)</svg>
        <figcaption>\(Formatting.escaped(caption))</figcaption></figure>
        """
    }
}

/// A latency distribution: a bar for each bucket, side by side, since bounds grow by factors.
struct HistogramChart {
    let histogram: LatencyHistogram

    var html: String {
        let buckets = histogram.buckets
        let plot = Plot(top: 10, height: 120, largest: Double(buckets.map(\.count).max() ?? 0))
        var content = plot.grid(Formatting.number)
        let step = 1 / Double(max(buckets.count, 1))
        for (index, bucket) in buckets.enumerated() {
            let start = Plot.x(Double(index) * step)
            let width = max(Plot.x(Double(index + 1) * step) - start - 1, 0.5)
            // What is there must be seen, however little it is beside the rest.
            let height = bucket.count > 0 ? max(plot.y(0) - plot.y(Double(bucket.count)), 1.5) : 0
            content += """
                <rect class="bar" x="\(Plot.number(start))" y="\(Plot.number(plot.y(0) - height))" \
                width="\(Plot.number(width))" height="\(Plot.number(height))">\
                <title>up to \(Formatting.latency(microseconds: bucket.upperMicroseconds)): \(bucket.count)</title></rect>
                """
        }
        for index in stride(from: 0, to: buckets.count, by: max(1, (buckets.count + 7) / 8)) {
            let x = Plot.number(Plot.x((Double(index) + 0.5) * step))
            let label = Formatting.latency(microseconds: buckets[index].upperMicroseconds)
            content += "<text x=\"\(x)\" y=\"146\" text-anchor=\"middle\">\(label)</text>"
        }
        let percentiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("longest", 1)]
        let caption = percentiles.compactMap { name, share in
            histogram.percentile(share).map { "\(name) \(Formatting.latency(microseconds: $0))" }
        }
        return Plot.figure(histogram.name, height: 152, caption: caption.joined(separator: " · "), content)
    }
}

/// Requests above, latency below, on one axis of time, with what happened marked across both.
struct TimelineChart {
    let timeline: Timeline

    private var count: Int { max(timeline.requests.count, 1) }

    var html: String {
        let requests = Plot(top: 22, height: 110, largest: Double(timeline.requests.max() ?? 0))
        let latencies = timeline.longestMilliseconds + timeline.medianMilliseconds
        let latency = Plot(top: 152, height: 110, largest: latencies.max() ?? 0)
        var content = requests.grid(Formatting.number) + latency.grid { "\(Formatting.number($0)) ms" }
        for (index, value) in timeline.requests.enumerated() {
            let start = Plot.x(Double(index) / Double(count))
            let width = max(Plot.x(Double(index + 1) / Double(count)) - start - 0.5, 0.5)
            let top = requests.y(Double(value))
            content += """
                <rect class="bar" x="\(Plot.number(start))" y="\(Plot.number(top))" width="\(Plot.number(width))" \
                height="\(Plot.number(requests.y(0) - top))"/>
                """
        }
        content += line(timeline.longestMilliseconds, "longest", latency)
        content += line(timeline.medianMilliseconds, "median", latency)
        content += marks + axis
        let interval = Formatting.number(timeline.interval * 1000)
        let caption = "above: requests answered in \(interval) ms; below: their median latency, and the longest"
        return Plot.figure(timeline.name, height: 284, caption: caption, content)
    }

    /// A line through the intervals, interrupted where there was no request to measure.
    private func line(_ values: [Double], _ name: String, _ plot: Plot) -> String {
        var path = ""
        var isDrawing = false
        for (index, value) in values.enumerated() {
            guard index < timeline.requests.count, timeline.requests[index] > 0 else {
                isDrawing = false
                continue
            }
            let x = Plot.x((Double(index) + 0.5) / Double(count))
            // A point by itself is drawn by a line without length, which has round ends.
            path += isDrawing ? "L" : "M\(Plot.number(x)) \(Plot.number(plot.y(value)))L"
            path += "\(Plot.number(x)) \(Plot.number(plot.y(value)))"
            isDrawing = true
        }
        return "<path class=\"\(name)\" stroke-linecap=\"round\" d=\"\(path)\"/>"
    }

    private var length: Double { Double(count) * max(timeline.interval, 1e-9) }

    /// Each mark has its line, and its label as long as that does not run into the one before: what is not written out
    /// is shown when the line is pointed at.
    private var marks: String {
        var end = -Double.infinity
        return timeline.marks.sorted { $0.seconds < $1.seconds }.map { mark in
            let share = min(max(mark.seconds / length, 0), 1)
            let x = Plot.x(share)
            let place = Plot.number(x)
            let label = Formatting.escaped(mark.label)
            let line =
                "<line class=\"mark\" x1=\"\(place)\" x2=\"\(place)\" y1=\"18\" y2=\"262\">"
                + "<title>\(label)</title></line>"
            let width = Double(mark.label.count) * Self.labelCharacter
            let isAtEnd = share > 0.9
            let start = isAtEnd ? x - width : x - width / 2
            guard start > end else { return line }
            end = start + width + Self.labelCharacter
            return line + "<text class=\"label\" x=\"\(place)\" y=\"12\" text-anchor=\"\(isAtEnd ? "end" : "middle")\">"
                + "\(label)</text>"
        }.joined()
    }

    /// More than the average letter is wide in a label of 11 pixels.
    private static let labelCharacter = 7.0

    private var axis: String {
        (0...4).map { quarter in
            let share = Double(quarter) / 4
            return "<text x=\"\(Plot.number(Plot.x(share)))\" y=\"278\" text-anchor=\"middle\">"
                + "\(Formatting.number(share * length)) s</text>"
        }.joined()
    }
}
