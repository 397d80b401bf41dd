extension SettingsSchema {
    /// The settings in effect with where each comes from, one a line: `greeting.delay = 1s  (default)`.
    package func listing(of loaded: LoadedConfiguration<Root>) -> String {
        let assignments = settings.map { "\($0.key) = \($0.text(loaded.configuration))" }
        let width = min(assignments.map(\.count).max() ?? 0, 44)
        return zip(settings, assignments).map { setting, assignment in
            let padding = String(repeating: " ", count: max(0, width - assignment.count))
            return "\(escaped(assignment, limit: 4096))\(padding)  (\(loaded.origins[setting.key] ?? "default"))"
        }.joined(separator: "\n")
    }

    private var introduction: String {
        let example = names.example.map { " (\($0))" } ?? ""
        return """
            # The configuration of \(names.program). Every setting is here, commented out, at its default:
            # remove the "#" in front of a setting to change it, and keep its indentation (spaces, no tabs).
            #
            # Environment variables win over this file\(example), and options of the command line over both.
            # Check it with `\(names.program) check-config --unit \(names.unit)`; apply it with `systemctl reload \(names.unit)`. A setting
            # marked (restart) takes effect with the next start.
            #
            # Durations: 250ms, 1s, 2min, 1h, 50us; a number alone is seconds. Sizes: bytes, 64K or 1M, where K is 1024.
            """
    }

    /// Every setting as a configuration file that changes nothing: the example file of a daemon is this text.
    package var defaultsDocument: String {
        var lines = [introduction]
        var section = ""
        for setting in settings {
            let parts = setting.components
            let newSection = parts.count > 1 ? parts[0] : ""
            if newSection != section || parts.count == 1 { lines.append("") }
            if newSection != section, !newSection.isEmpty {
                if let comment = sectionComments[newSection] { lines.append("# \(comment)") }
                lines.append("\(newSection):")
            }
            section = newSection
            let indent = newSection.isEmpty ? "" : "  "
            lines += setting.commentLines.map { "\(indent)# \($0)" }
            lines.append("\(indent)#\(parts[parts.count - 1]): \(setting.text(defaults))")
        }
        return lines.joined(separator: "\n")
    }
}

extension Setting {
    /// The comment, with a mark behind its first sentences if a change needs a restart.
    fileprivate var commentLines: [String] {
        var lines = comment.split(separator: "\n").map(String.init)
        if effect == .restart, let last = lines.firstIndex(where: { $0.hasSuffix(".") }) { lines[last] += " (restart)" }
        return lines
    }
}
