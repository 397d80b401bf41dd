/// Why there is no machine, or no longer one.
public enum MachineError: Error, Sendable, CustomStringConvertible {
    /// This host lacks something; one line each, saying how to get it.
    case missing([String])
    /// It cannot be called that, with the reason.
    case invalidLabel(String, reason: String)
    /// It could not be set up or did not come up in time. Carries the end of its console.
    case bootFailed(reason: String, console: String)
    /// A file could not be put into its tree.
    case cannotInstall(path: String, reason: String)

    /// What happened, for a person.
    public var description: String {
        switch self {
        case .missing(let lines):
            return "something is missing here:\n" + lines.map { "  - \($0)" }.joined(separator: "\n")
        case .invalidLabel(let label, let reason):
            return "a machine cannot be labelled '\(label)': \(reason)"
        case .bootFailed(let reason, let console):
            let lines = console.split(separator: "\n").suffix(40).map { "  | \($0)" }
            return "the machine did not boot: \(reason)"
                + (lines.isEmpty
                    ? "; its console is empty" : "; the end of its console:\n" + lines.joined(separator: "\n"))
        case .cannotInstall(let path, let reason):
            return "cannot install \(path) in the machine: \(reason)"
        }
    }
}

extension MachineError {
    /// This error with a likely reason, if it is one of a boot and there is such a reason.
    func naming(_ likely: String?) -> MachineError {
        guard case .bootFailed(let reason, let console) = self, let likely else { return self }
        return .bootFailed(reason: "\(reason) (\(likely))", console: console)
    }
}
