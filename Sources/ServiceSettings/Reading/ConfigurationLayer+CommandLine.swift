import Configuration

/// A setting given on the command line.
package struct CommandLineSetting: Sendable, Equatable {
    /// The option as it is written: `--greeting-delay`.
    package var option: String
    /// The setting's key, or nil for `--set`, whose text begins with one.
    package var key: String?
    /// The texts: one, or for a repeatable option as many as were given.
    package var texts: [String]

    package init(option: String, key: String?, texts: [String]) {
        self.option = option
        self.key = key
        self.texts = texts
    }

    /// What `--set key=value` gives.
    package static func set(_ text: String) -> CommandLineSetting {
        CommandLineSetting(option: "--set", key: nil, texts: [text])
    }
}

extension ConfigurationLayer {
    /// The settings on the command line.
    package init<Root>(commandLine settings: [CommandLineSetting], _ schema: SettingsSchema<Root>) {
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
                    report(given.option, "\(quoted(text)) has no \"=\"", "write \(given.option) key=value")
                    continue
                }
                (key, texts) = (String(text[..<equals]), [String(text[text.index(after: equals)...])])
            }
            guard let setting = schema.setting(key) else {
                report(given.option, "there is no setting \(quoted(key))", schema.remedy(forUnknown: key))
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
package func splitList(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { element in
        let start = element.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
