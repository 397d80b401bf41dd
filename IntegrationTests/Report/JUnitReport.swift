import Foundation

/// A run as JUnit XML, in the form that CI systems read.
public struct JUnitReport {
    private let result: SuiteResult

    /// A report on a run.
    public init(_ result: SuiteResult) {
        self.result = result
    }

    /// The whole document.
    public var text: String {
        let total = result.scenarios.reduce(0) { $0 + $1.seconds }
        let counts =
            "tests=\"\(result.scenarios.count)\" failures=\"\(result.failed)\" errors=\"0\""
            + " skipped=\"\(result.skipped)\" time=\"\(seconds(total))\""
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuites \(counts)>",
            "  <testsuite name=\"integration-tests\" \(counts)>",
        ]
        if !result.information.facts.isEmpty {
            lines.append("    <properties>")
            lines += result.information.facts.map {
                "      <property name=\"\(attribute($0.name))\" value=\"\(attribute($0.value))\"/>"
            }
            lines.append("    </properties>")
        }
        for scenario in result.scenarios { lines += testCase(scenario) }
        lines += ["  </testsuite>", "</testsuites>", ""]
        return lines.joined(separator: "\n")
    }

    private func testCase(_ scenario: SuiteResult.Scenario) -> [String] {
        var lines = [
            "    <testcase classname=\"integration-tests\" name=\"\(attribute(scenario.name))\""
                + " time=\"\(seconds(scenario.seconds))\">"
        ]
        if !scenario.measurements.isEmpty {
            lines.append("      <properties>")
            lines += scenario.measurements.map {
                "        <property name=\"\(attribute($0.name))\" value=\"\(attribute($0.text))\"/>"
            }
            lines.append("      </properties>")
        }
        switch scenario.outcome {
        case .passed: break
        case .skipped(let reason):
            lines.append("      <skipped message=\"\(attribute(reason))\"/>")
        case .failed(let reason, let journal):
            let first = reason.split(separator: "\n").first.map(String.init) ?? ""
            let body = ([reason] + journal).joined(separator: "\n")
            lines.append("      <failure message=\"\(attribute(first))\">\(Formatting.escaped(body))</failure>")
        case nil:
            lines.append("      <failure message=\"it did not finish\"/>")
        }
        if !scenario.notes.isEmpty {
            lines.append("      <system-out>\(Formatting.escaped(scenario.notes.joined(separator: "\n")))</system-out>")
        }
        return lines + ["    </testcase>"]
    }

    /// A line break in an attribute would be read back as a space (XML 1.0, 3.3.3).
    private func attribute(_ text: String) -> String {
        Formatting.escaped(text).replacingOccurrences(of: "\n", with: "&#10;").replacingOccurrences(
            of: "\t",
            with: "&#9;"
        )
    }

    private func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
}
