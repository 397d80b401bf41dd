import CGlibc

/// The environment of this process. Foundation would tell it, too, at the price of loading its code at every start.
enum ProcessEnvironment {
    /// The variables with their values; what is not UTF-8 is replaced. A name that is there twice has its first value,
    /// as getenv(3) does.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        guard var entry = hello_environment() else { return variables }
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }
}
