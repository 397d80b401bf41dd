import Yams

/// What a YAML error means to somebody who edits the file: a line, what is wrong there, and what to do.
func yamlProblems(of error: YamlError, in text: String, name: String) -> [ConfigurationProblem] {
    // What ends too early is found behind the last line, where there is nothing to look at.
    let last = max(1, text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count)
    func problem(_ line: Int?, _ message: String, _ remedy: String? = nil) -> ConfigurationProblem {
        let origin = line.map { "\(name):\(min($0, last))" } ?? name
        return ConfigurationProblem(origin: origin, message: message, remedy: remedy)
    }

    switch error {
    case .scanner(let context, let message, let mark, _), .parser(let context, let message, let mark, _):
        if let line = firstTab(in: text, upTo: mark.line) {
            return [problem(line, "a tab is not allowed for indentation", "indent with spaces")]
        }
        let place = context.map { ", \($0.text) at line \(min($0.mark.line, last))" } ?? ""
        return [problem(mark.line, "not valid YAML: \(message)\(place)", "look at the indentation, colons and quotes")]
    case .composer(let context, _, let mark, _) where context?.text.hasPrefix("expected a single document") == true:
        return [problem(mark.line, "a second document begins here", "keep all settings in one; remove the `---`")]
    case .composer(_, let message, let mark, _):
        return [problem(mark.line, "not valid YAML: \(message)")]
    case .reader(let message, let offset, _, _):
        let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
        return [problem(line, "not readable as text: \(message)", "remove the character")]
    case .duplicatedKeysInMapping(let keys, _):
        return keys.map { key in
            let lines = lines(of: key, in: text)
            let places = lines.isEmpty ? "" : " (lines \(lines.map(String.init).joined(separator: ", ")))"
            return problem(lines.last, "\(quoted(key)) is given more than once\(places)", "give it once")
        }
    default:
        return [problem(nil, "not readable as YAML")]
    }
}

/// The first line, at or just before one, that has a tab in its indentation.
private func firstTab(in text: String, upTo last: Int) -> Int? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.prefix(last).lastIndex { line in
        line.prefix { $0 == " " || $0 == "\t" }.contains("\t") && line.contains { $0 != " " && $0 != "\t" }
    }.map { $0 + 1 }
}

/// The lines that begin with a key. Yams names the key and the first place alone.
private func lines(of key: String, in text: String) -> [Int] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.indices.filter { index in
        let content = lines[index].drop { $0 == " " }
        return content.hasPrefix(key) && content.dropFirst(key.count).drop { $0 == " " }.hasPrefix(":")
    }.map { $0 + 1 }
}
