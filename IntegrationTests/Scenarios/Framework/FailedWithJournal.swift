/// A failure that brings its own journal, where that of the machine under the runner is not the one to look at.
struct FailedWithJournal: Error, CustomStringConvertible {
    let error: any Error
    let journal: [String]

    var description: String { "\(error)" }
}
