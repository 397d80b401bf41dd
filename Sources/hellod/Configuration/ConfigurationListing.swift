extension LoadedConfiguration {
    /// The settings in effect with where each comes from, one a line: `greeting.delay = 1s  (default)`.
    var listing: String {
        let assignments = DaemonConfiguration.settings.map { "\($0.key) = \($0.text(configuration))" }
        let width = min(assignments.map(\.count).max() ?? 0, 44)
        return zip(DaemonConfiguration.settings, assignments).map { setting, assignment in
            let padding = String(repeating: " ", count: max(0, width - assignment.count))
            return "\(escaped(assignment, limit: 4096))\(padding)  (\(origins[setting.key] ?? "default"))"
        }.joined(separator: "\n")
    }
}

extension DaemonConfiguration {
    /// Every setting as a configuration file that changes nothing: description, bounds, default.
    static var defaultsDocument: String {
        var lines: [String] = []
        var section = ""
        for setting in settings {
            let parts = setting.components
            let newSection = parts.count > 1 ? parts[0] : ""
            if newSection != section || parts.count == 1 { lines.append("") }
            if newSection != section, !newSection.isEmpty { lines.append("\(newSection):") }
            section = newSection
            let indent = newSection.isEmpty ? "" : "  "
            let effect = setting.effect == .reload ? "applied by a reload" : "needs a restart"
            lines.append("\(indent)# \(setting.summary); \(effect).")
            lines.append("\(indent)# Takes \(setting.expectation). Variable: \(setting.environmentVariable).")
            lines.append("\(indent)\(parts[parts.count - 1]): \(setting.defaultText)")
        }
        return lines.dropFirst().joined(separator: "\n")
    }
}
