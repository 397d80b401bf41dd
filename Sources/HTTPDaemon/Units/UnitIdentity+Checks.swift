import ServiceSettings

/// Why there are no units, in one line that is safe to print.
struct UnitProblem: Error, Equatable {
    let line: String
}

extension UnitIdentity {
    /// Refuses a name that cannot be all it has to be: of units and paths, and with `_` for `-` of variables and metrics.
    static func check(name: String) throws(UnitProblem) {
        let octets = name.utf8
        guard (1...64).contains(octets.count), let first = octets.first, isLetter(first),
            octets.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") })
        else {
            let rule = "that is 1 to 64 of a-z, 0-9 and -, and begins with a letter"
            throw UnitProblem(line: "\(quoted(name)) cannot be the name of a daemon: \(rule)")
        }
    }

    /// Refuses a name that leaves instances none: each has a user, `NAME-INSTANCE`, of at most 31 octets.
    static func check(templateName name: String) throws(UnitProblem) {
        guard name.utf8.count <= 24 else {
            let rule = "of at most 24 characters, since its instances have users"
            throw UnitProblem(line: "\(quoted(name)) cannot be the name of a template: that is one \(rule)")
        }
    }

    /// Refuses a path that `ExecStart=` would read otherwise: it splits at blanks, and `%`, `$`, quotes and `\` mean something.
    static func check(programPath: String) throws(UnitProblem) {
        guard programPath.hasPrefix("/"), !programPath.hasSuffix("/"),
            !programPath.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw UnitProblem(line: "\(quoted(programPath, limit: 240)) is no absolute path of a program")
        }
        let isPlain = programPath.utf8.allSatisfy { octet in
            isLetter(octet | 0x20) || isDigit(octet) || "/._-+@:,=~".utf8.contains(octet) || octet >= 0x80
        }
        let isVisible = programPath.unicodeScalars.allSatisfy { $0.value < 0x80 || $0.properties.isAlphabetic }
        guard isPlain, isVisible else {
            let path = quoted(programPath, limit: 240)
            throw UnitProblem(line: "\(path) has a character that means something in a unit (give another path)")
        }
    }

    /// Refuses what is no single line of plain text.
    static func check(text: String) throws(UnitProblem) {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
            default: scalar != "%" && scalar != "\\"
            }
        }
        guard isPlain, text.contains(where: { $0 != " " }) else {
            throw UnitProblem(line: "\(quoted(text)) cannot stand in a unit: it has to be one line, without % and \\")
        }
    }

    /// Refuses what is no port that a client can connect to.
    static func check(port: Int) throws(UnitProblem) {
        guard (1...65535).contains(port) else { throw UnitProblem(line: "\(port) is no port: that is 1 to 65535") }
    }

    private static func isLetter(_ octet: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet) }

    private static func isDigit(_ octet: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) }
}
