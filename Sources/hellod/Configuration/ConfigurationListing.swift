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
    private static let introduction = """
        # The configuration of hellod. Every setting is here, commented out, at its default:
        # remove the "#" in front of a setting to change it, and keep its indentation (spaces, no tabs).
        #
        # Environment variables win over this file (HELLO_GREETING_DELAY=250ms), and options of the command line over both.
        # Check it with `hellod check-config --unit hello.service`; apply it with `systemctl reload hello.service`. A setting
        # marked (restart) takes effect with the next start.
        #
        # Durations: 250ms, 1s, 2min, 1h, 50us; a number alone is seconds. Sizes: bytes, 64K or 1M, where K is 1024.
        """

    /// What is said of a section.
    private static let sectionComments = [
        "aggregate": "What GET /aggregate calls. Under systemd it needs the drop-in upstreams.conf too.",
        "proxies": "Who is believed when it says who the client is: reverse proxies. New connections follow a change.",
        "timeouts":
            "Deadlines on the wall clock, 1ms to 24h each. A client cannot extend one by sending a byte now and then.",
    ]

    /// Every setting as a configuration file that changes nothing: the example in the repository is this text.
    static var defaultsDocument: String {
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
            lines.append("\(indent)#\(parts[parts.count - 1]): \(setting.defaultText)")
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
