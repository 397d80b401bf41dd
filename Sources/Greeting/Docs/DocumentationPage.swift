import HTTPServer
import HTTPTypes

/// The page at `/docs`.
struct DocumentationPage: AnswerBody {
    static let contentType = "text/html; charset=utf-8"
    static let schema = Schema(definition: ["type": "string"])
    static let fields: HTTPFields = [:]
    var content: [UInt8] { Array("x".utf8) }

    static let answer = Answer(DocumentationPage())
    /// Stands in where endpoints are listed and not served.
    static let noDocument = Answer(OpenAPIDocument(endpoints: [], version: ""))
}
