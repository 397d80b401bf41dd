/// Text as systemd writes it down.
enum SystemdText {
    /// The words of a line: separated by blanks, in single or double quotes where they hold any, with `\` in front of
    /// what stands for itself.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = line.makeIterator()
        while let character = characters.next() {
            switch character {
            case "\\" where quote != "'": word = (word ?? "") + (characters.next().map(unescaped) ?? "")
            case _ where character == quote: quote = nil
            case "\"" where quote == nil, "'" where quote == nil: (quote, word) = (character, word ?? "")
            case " " where quote == nil, "\t" where quote == nil:
                if let whole = word { words.append(whole) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }

    /// The `NAME=value` lines of an environment file (systemd.exec(5)): comments and blank lines are passed over, quotes
    /// are taken off.
    static func assignments(_ text: String) -> [String] {
        text.replacing("\\\n", with: "").split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard let first = line.first, first != "#", first != ";", let equals = line.firstIndex(of: "=") else {
                return nil
            }
            let name = line[..<equals].filter { $0 != " " }
            return "\(name)=" + words(String(line[line.index(after: equals)...])).joined(separator: " ")
        }
    }

    private static func unescaped(_ character: Character) -> String {
        switch character {
        case "n": "\n"
        case "t": "\t"
        default: String(character)
        }
    }
}
