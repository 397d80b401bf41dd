/// What to give in the place of an argument that is not known, where the intention is plain.
struct CommandLineAdvice: Equatable {
    let text: String

    /// Looks at what ArgumentParser says of the arguments; nil where it has said it all.
    init?(_ message: String, _ arguments: [String]) {
        if message.hasPrefix("Unknown option '--port") {
            text = "give --listen 127.0.0.1:\(Self.port(arguments) ?? "PORT")"
        } else if let word = Self.unexpected(message), ["check-config", "openapi"].contains(arguments.first) {
            text = "give --config \(word)"
        } else {
            return nil
        }
    }

    private static func port(_ arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() where argument.hasPrefix("--port") {
            let isWhole = argument.contains("=")
            let value = isWhole ? String(argument.dropFirst("--port=".count)) : arguments[(index + 1)...].first
            if let value, UInt16(value) != nil { return value }
        }
        return nil
    }

    /// The one argument that has no place.
    private static func unexpected(_ message: String) -> String? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "Unexpected argument " else { return nil }
        return String(parts[1])
    }
}
