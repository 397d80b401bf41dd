import ServiceSettings

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

    /// A time as `systemctl show` says it, `1min 30.500s`; nil for `infinity`, and for what is none.
    static func duration(_ text: String) -> Duration? {
        let units: [Substring: Int64] = [
            "y": 31_557_600_000_000, "month": 2_629_800_000_000, "w": 604_800_000_000, "d": 86_400_000_000,
            "h": 3_600_000_000, "min": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1,
        ]
        var whole = Duration.zero
        for word in text.split(separator: " ") {
            let digits = word.prefix { $0 == "." || $0.isDecimalDigit }
            guard let number = Double(digits), let unit = units[word[digits.endIndex...]] else { return nil }
            whole += .microseconds(number * Double(unit))
        }
        return text.isEmpty ? nil : whole
    }

    private static func unescaped(_ character: Character) -> String {
        switch character {
        case "n": "\n"
        case "t": "\t"
        default: String(character)
        }
    }
}
