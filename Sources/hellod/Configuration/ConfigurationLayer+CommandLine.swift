import Configuration

/// A setting given on the command line.
struct CommandLineSetting: Sendable, Equatable {
    /// The option as it is written: `--greeting-delay`.
    var option: String
    /// The setting's key, or nil for `--set`, whose text begins with one.
    var key: String?
    /// The texts: one, or for a repeatable option as many as were given.
    var texts: [String]

    /// What `--set key=value` gives.
    static func set(_ text: String) -> CommandLineSetting {
        CommandLineSetting(option: "--set", key: nil, texts: [text])
    }
}

extension ConfigurationLayer {
    /// The settings on the command line.
    init(commandLine settings: [CommandLineSetting]) {
        var values: [String: ConfigContent] = [:]
        var origins: [String: String] = [:]
        var problems: [ConfigurationProblem] = []
        func report(_ origin: String, _ message: String, _ remedy: String?) {
            problems.append(.init(origin: origin, message: message, remedy: remedy, status: .usage))
        }

        for given in settings {
            var (key, texts) = (given.key ?? "", given.texts)
            if given.key == nil {
                let text = given.texts.joined()
                guard let equals = text.firstIndex(of: "=") else {
                    report(given.option, "\(quoted(text)) has no \"=\"", "write \(given.option) greeting.delay=250ms")
                    continue
                }
                (key, texts) = (String(text[..<equals]), [String(text[text.index(after: equals)...])])
            }
            guard let setting = DaemonConfiguration.setting(key) else {
                report(given.option, "there is no setting \(quoted(key))", DaemonConfiguration.remedy(forUnknown: key))
                continue
            }
            if texts.count > 1, !setting.isList {
                report(given.option, "\(key) is given twice", "give it once")
                continue
            }
            let origin = given.key == nil ? "\(given.option) \(key)" : given.option
            if let other = origins[key] {
                report(
                    origin,
                    "\(key) is given twice",
                    other == origin ? "give it once" : "also by \(other); give it once"
                )
                continue
            }
            origins[key] = origin
            values[key] = setting.isList ? .stringArray(texts.flatMap(splitList)) : .string(texts.joined())
        }
        self.init(name: "command line", values: values, origins: origins, problems: problems)
        status = .usage
    }
}

/// Splits a comma-separated list, without the blanks around its elements.
func splitList(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { element in
        let start = element.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension DaemonConfiguration {
    /// What to do about a key that no setting has: the nearest one, or where to find them all.
    static func remedy(forUnknown key: String) -> String {
        // A key without its section is as likely as a mistyped one.
        let sameName = settings.filter { $0.components.count > 1 && $0.components.last == key }
        if sameName.count == 1 { return "did you mean \(sameName[0].key)?" }
        if let near = suggestion(for: key, among: settings.map(\.key)) { return "did you mean \(near)?" }
        return "`hellod check-config --print-defaults` lists all settings"
    }
}
