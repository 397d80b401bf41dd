import Foundation

/// A run as JSON: every round, the medians, and what became of the goals.
public struct JSONDocument {
    private struct Content: Encodable {
        struct Median: Encodable {
            var part: String
            var server: String
            var metric: Metric
            var summary: Summary
        }

        var run: BenchmarkRun
        var medians: [Median]
        var goals: [Judgement]
    }

    private let content: Content

    /// The document of a run.
    public init(_ run: BenchmarkRun, _ judgements: [Judgement]) {
        let medians = run.parts.flatMap { part in
            part.rows.flatMap { row in
                part.metrics.compactMap { metric in
                    row.summary(metric.key).map {
                        Content.Median(part: part.id, server: row.server, metric: metric, summary: $0)
                    }
                }
            }
        }
        content = Content(run: run, medians: medians, goals: judgements)
    }

    /// The whole text.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(content), as: UTF8.self) + "\n"
    }
}
