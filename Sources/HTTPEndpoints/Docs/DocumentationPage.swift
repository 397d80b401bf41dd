import HTTPServer
import HTTPTypes

/// The page at `/docs`: one file that loads nothing but the document, and sends requests to this server alone.
struct DocumentationPage: AnswerBody {
    var content: [UInt8] { Array(Self.text.utf8) }

    static let contentType = "text/html; charset=utf-8"
    static let schema = Schema(definition: ["type": "string"])

    /// The script and the style are named by their hashes, so nothing else runs, whatever gets into the page.
    static var fields: HTTPFields {
        var fields: HTTPFields = [:]
        if let name = HTTPField.Name("Content-Security-Policy") {
            fields[name] =
                "default-src 'none'; script-src '\(scriptHash)'; style-src '\(styleHash)'; connect-src 'self'; "
                + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        }
        if let name = HTTPField.Name("X-Content-Type-Options") { fields[name] = "nosniff" }
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        return fields
    }

    /// The answer, made when it is first asked for.
    static let answer = Answer(DocumentationPage())
    /// Stands in where endpoints are listed and not served.
    static let noDocument = Answer(OpenAPIDocument(endpoints: [], APIDescription(title: "", version: "")))
}
