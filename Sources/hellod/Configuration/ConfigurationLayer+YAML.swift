import Configuration
import Yams

extension ConfigurationLayer {
    /// The settings in a configuration file.
    ///
    /// - Parameters:
    ///   - yaml: What the file says. It may be empty.
    ///   - name: The file's name, for messages.
    init(yaml: String, name: String) {
        var reader = YAMLSettingsReader(name: escaped(name))
        reader.read(yaml)
        self.init(name: "file", values: reader.values, origins: reader.origins, problems: reader.problems)
    }
}

/// Walks a YAML document and takes the settings out, noting the line of each and everything that is wrong.
private struct YAMLSettingsReader {
    /// How many problems are reported before the rest of the file is left unread.
    static let mostProblems = 50

    let name: String
    var values: [String: ConfigContent] = [:]
    var origins: [String: String] = [:]
    var problems: [ConfigurationProblem] = []

    init(name: String) {
        self.name = name
    }

    mutating func read(_ yaml: String) {
        // libyaml takes a byte order mark for a control character when it is told the encoding.
        let text = yaml.hasPrefix("\u{FEFF}") ? String(yaml.unicodeScalars.dropFirst()) : yaml
        do {
            // Yams' default encoding prints to stdout when an environment variable asks for another.
            // Its default resolver matches every scalar with regular expressions, and all texts are read as text here.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot(), !root.isNull else { return }
            guard let mapping = root.mapping else {
                return report(root.mark, "the file holds no settings", "write them as `name: value`, one a line")
            }
            walk(mapping, prefix: "")
        } catch let error as YamlError {
            problems += yamlProblems(of: error, in: text, name: name)
        } catch {
            report(nil, "not readable as YAML", nil)
        }
    }

    /// Takes the settings of a mapping: the document, or a section of it.
    private mutating func walk(_ mapping: Node.Mapping, prefix: String) {
        for (keyNode, node) in mapping {
            // A file of another kind would have a problem a line, and nobody reads them all.
            if problems.count >= Self.mostProblems { return }
            guard let name = keyNode.scalar?.string else {
                report(keyNode.mark, "a setting's name must be plain text", "write `name: value`")
                continue
            }
            let key = prefix + name
            if let setting = DaemonConfiguration.setting(key) {
                take(setting, node, at: keyNode.mark)
            } else if DaemonConfiguration.settings.contains(where: { $0.key.hasPrefix(key + ".") }) {
                walkSection(key, node, at: keyNode.mark)
            } else {
                let remedy = DaemonConfiguration.remedy(forUnknown: key)
                report(keyNode.mark, "there is no setting \(quoted(key))", remedy)
            }
        }
    }

    private mutating func walkSection(_ key: String, _ node: Node, at mark: Mark?) {
        if let section = node.mapping {
            walk(section, prefix: key + ".")
        } else if !node.isNull {
            // A section whose settings are all commented out is empty; anything else is a slip of indentation.
            let settings = DaemonConfiguration.settings.filter { $0.key.hasPrefix(key + ".") }
            let names = settings.map { String($0.key.dropFirst(key.count + 1)) }.joined(separator: ", ")
            report(mark, "\(key) is a section and has no value of its own", "below it, indented: \(names)")
        }
    }

    private mutating func take(_ setting: Setting, _ node: Node, at mark: Mark?) {
        let origin = place(mark)
        if let first = origins[setting.key] {
            return report(mark, "\(setting.key) is given twice", "also at \(first); give it once")
        }
        origins[setting.key] = origin

        switch node {
        case .scalar where node.isNull && setting.isList:
            values[setting.key] = .stringArray([])
        case .scalar where node.isNull:
            report(mark, "\(setting.key) has no value", "give \(setting.expectation), or remove the line")
        case .scalar(let scalar):
            values[setting.key] = setting.isList ? .stringArray(splitList(scalar.string)) : .string(scalar.string)
        case .sequence(let sequence) where setting.isList:
            let texts = sequence.compactMap { $0.isNull ? nil : $0.scalar?.string }
            if texts.count == sequence.count {
                values[setting.key] = .stringArray(texts)
            } else {
                report(mark, "\(setting.key) has an element that is no plain text", "give \(setting.expectation)")
            }
        case .mapping(let mapping) where setting.takesMapping:
            let texts = mapping.compactMap { name, value in
                value.isNull ? nil : name.scalar.flatMap { name in value.scalar.map { "\(name.string)=\($0.string)" } }
            }
            if texts.count == mapping.count {
                values[setting.key] = .stringArray(texts)
            } else {
                report(mark, "\(setting.key) has an element that is no plain text", "give \(setting.expectation)")
            }
        case .sequence:
            report(mark, "\(setting.key) takes one value, not a list", "give \(setting.expectation)")
        default:
            report(mark, "\(setting.key) takes a value, not a section", "give \(setting.expectation)")
        }
    }

    private func place(_ mark: Mark?) -> String {
        mark.map { "\(name):\($0.line)" } ?? name
    }

    private mutating func report(_ mark: Mark?, _ message: String, _ remedy: String?) {
        problems.append(.init(origin: place(mark), message: message, remedy: remedy))
    }
}

extension Node {
    /// Whether this is YAML's way to say nothing: no text, `~` or `null`, without quotes.
    fileprivate var isNull: Bool {
        guard let scalar else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
