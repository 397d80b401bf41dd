/// The pieces of Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
enum TextFormat {
    /// A name with only the characters that names may have.
    static func name(_ label: String) -> String {
        let text = label.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": Character(scalar)
            default: "_"
            }
        }
        let first = text.first.map { ("0"..."9").contains($0) } ?? true
        return (first ? "_" : "") + String(text)
    }

    /// `{route="/",status="200"}`, or nothing.
    static func labels(_ labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(describing: value)
    }

    private static func escaped(_ text: String) -> String {
        escapedHelp(text).replacing("\"", with: "\\\"")
    }
}
