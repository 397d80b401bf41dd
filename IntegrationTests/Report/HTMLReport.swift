import Foundation

/// A run as one HTML file that needs nothing else.
public struct HTMLReport {
    let result: SuiteResult

    /// A report on a run.
    public init(_ result: SuiteResult) {
        self.result = result
    }

    /// The whole document.
    public var text: String { "" }
}
