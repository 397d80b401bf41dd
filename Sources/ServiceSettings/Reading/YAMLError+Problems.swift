extension YAMLError {
    /// How many duplicates are told of.
    private static let mostDuplicates = 50

    /// How many lines are told of a duplicate.
    private static let mostLines = 5

    /// What it means to somebody who edits the file: a line, what is wrong there, and what to do.
    func problems(in text: String, name: String) -> [ConfigurationProblem] {
        // What ends too early is found behind the last line, where there is nothing to look at.
        let last = max(1, text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count)
        func problem(_ line: Int?, _ message: String, _ remedy: String? = nil) -> ConfigurationProblem {
            let origin = line.map { "\(name):\(min($0, last))" } ?? name
            return ConfigurationProblem(origin: origin, message: message, remedy: remedy)
        }

        switch self {
        case .syntax(let message, let line, let context):
            if let line = firstTab(in: text, upTo: line) {
                return [problem(line, "a tab is not allowed for indentation", "indent with spaces")]
            }
            let place = context.map { ", \($0.text) at line \(min($0.line, last))" } ?? ""
            return [problem(line, "not valid YAML: \(message)\(place)", "look at the indentation, colons and quotes")]
        case .character(let message, let offset):
            let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
            let line = before.count(where: \.isNewline) + 1
            return [problem(line, "not readable as text: \(message)", "remove the character")]
        case .undefinedAlias(let line):
            return [problem(line, "not valid YAML: found undefined alias")]
        case .unknownTag(let tag, let line):
            return [problem(line, "the tag \(quoted(tag)) is not known here", "remove it")]
        case .tooDeep(let line):
            return [problem(line, "lists or sections are nested too deeply", "write settings as `name: value`")]
        case .duplicateKeys(let duplicates):
            return duplicates.prefix(Self.mostDuplicates).map { duplicate in
                let more = duplicate.lines.count - Self.mostLines
                let lines =
                    duplicate.lines.prefix(Self.mostLines).map(String.init).joined(separator: ", ")
                    + (more > 0 ? " and \(more) more" : "")
                let message = "\(quoted(duplicate.key)) is given more than once (lines \(lines))"
                return problem(duplicate.lines.last, message, "give it once")
            }
        case .secondDocument(let line):
            return [problem(line, "a second document begins here", "keep all settings in one; remove the `---`")]
        case .outOfMemory:
            return [problem(nil, "not readable as YAML")]
        }
    }
}

/// The first line, at or just before one, that has a tab in its indentation.
private func firstTab(in text: String, upTo last: Int) -> Int? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.prefix(last).lastIndex { line in
        line.prefix { $0 == " " || $0 == "\t" }.contains("\t") && line.contains { $0 != " " && $0 != "\t" }
    }.map { $0 + 1 }
}
