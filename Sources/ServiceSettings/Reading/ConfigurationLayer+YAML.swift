import Configuration

extension ConfigurationLayer {
    /// The settings in a configuration file.
    ///
    /// - Parameters:
    ///   - yaml: What the file says. It may be empty.
    ///   - name: The file's name, for messages.
    ///   - schema: Every setting there is.
    init<Root>(yaml: String, name: String, _ schema: SettingsSchema<Root>) {
        var reader = YAMLSettingsReader(name: escaped(name), schema: schema)
        reader.read(yaml)
        self.init(name: "file", values: reader.values, origins: reader.origins, problems: reader.problems)
    }
}

/// Walks a YAML document and takes the settings out, noting the line of each and everything that is wrong.
private struct YAMLSettingsReader<Root: Sendable> {
    /// How many problems are reported before the rest of the file is left unread.
    static var mostProblems: Int { 50 }

    let name: String
    let schema: SettingsSchema<Root>
    var values: [String: ConfigContent] = [:]
    var origins: [String: String] = [:]
    var problems: [ConfigurationProblem] = []

    init(name: String, schema: SettingsSchema<Root>) {
        self.name = name
        self.schema = schema
    }

    mutating func read(_ yaml: String) {
        do {
            guard let root = try YAMLComposer.compose(yaml), !root.isNull else { return }
            guard case .mapping(let pairs) = root.content else {
                return report(root.line, "the file holds no settings", "write them as `name: value`, one a line")
            }
            walk(pairs, prefix: "")
        } catch {
            problems += error.problems(in: yaml, name: name)
        }
    }

    /// Takes the settings of a mapping: the document, or a section of it.
    private mutating func walk(_ pairs: [(key: YAMLNode, value: YAMLNode)], prefix: String) {
        for (keyNode, node) in pairs {
            // A file of another kind would have a problem a line, and nobody reads them all.
            if problems.count >= Self.mostProblems { return }
            guard let name = keyNode.text else {
                report(keyNode.line, "a setting's name must be plain text", "write `name: value`")
                continue
            }
            let key = prefix + name
            if let setting = schema.setting(key) {
                take(setting, node, at: keyNode.line)
            } else if schema.settings.contains(where: { $0.key.hasPrefix(key + ".") }) {
                walkSection(key, node, at: keyNode.line)
            } else {
                let remedy = schema.remedy(forUnknown: key)
                report(keyNode.line, "there is no setting \(quoted(key))", remedy)
            }
        }
    }

    private mutating func walkSection(_ key: String, _ node: YAMLNode, at line: Int) {
        if case .mapping(let section) = node.content {
            walk(section, prefix: key + ".")
        } else if !node.isNull {
            // A section whose settings are all commented out is empty; anything else is a slip of indentation.
            let settings = schema.settings.filter { $0.key.hasPrefix(key + ".") }
            let names = settings.map { String($0.key.dropFirst(key.count + 1)) }.joined(separator: ", ")
            report(line, "\(key) is a section and has no value of its own", "below it, indented: \(names)")
        }
    }

    private mutating func take(_ setting: Setting<Root>, _ node: YAMLNode, at line: Int) {
        let origin = place(line)
        if let first = origins[setting.key] {
            return report(line, "\(setting.key) is given twice", "also at \(first); give it once")
        }
        origins[setting.key] = origin

        switch node.content {
        case .scalar where node.isNull && setting.isList:
            values[setting.key] = .stringArray([])
        case .scalar where node.isNull:
            report(line, "\(setting.key) has no value", "give \(setting.expectation), or remove the line")
        case .scalar(let text, _):
            values[setting.key] = setting.isList ? .stringArray(splitList(text)) : .string(text)
        case .sequence(let elements) where setting.isList:
            let texts = elements.compactMap { $0.isNull ? nil : $0.text }
            if texts.count == elements.count {
                values[setting.key] = .stringArray(texts)
            } else {
                report(line, "\(setting.key) has an element that is no plain text", "give \(setting.expectation)")
            }
        case .mapping(let pairs) where setting.takesMapping:
            let texts = pairs.compactMap { name, value in
                value.isNull ? nil : name.text.flatMap { name in value.text.map { "\(name)=\($0)" } }
            }
            if texts.count == pairs.count {
                values[setting.key] = .stringArray(texts)
            } else {
                report(line, "\(setting.key) has an element that is no plain text", "give \(setting.expectation)")
            }
        case .sequence:
            report(line, "\(setting.key) takes one value, not a list", "give \(setting.expectation)")
        default:
            report(line, "\(setting.key) takes a value, not a section", "give \(setting.expectation)")
        }
    }

    private func place(_ line: Int) -> String { "\(name):\(line)" }

    private mutating func report(_ line: Int, _ message: String, _ remedy: String?) {
        problems.append(.init(origin: place(line), message: message, remedy: remedy))
    }
}
