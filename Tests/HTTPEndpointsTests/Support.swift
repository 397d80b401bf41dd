import HTTPEndpoints
import HTTPEndpointsTesting

/// A client of one endpoint that answers with what its parameter was read as.
func client<Value>(
    _ parameter: Parameter<Value>,
    _ method: HTTPRequest.Method = .get,
    _ path: StaticString = "/"
) -> EndpointsClient {
    EndpointsClient([Endpoint(method, path, parameters: parameter) { _, value in "\(value)" }])
}

extension EndpointsClient.Answer {
    /// What is wrong by the answer: the type of each issue, and where it is.
    var issues: [String] {
        get throws {
            guard case .array(let issues)? = try JSON(parsing: body)["detail"] else { return [] }
            return issues.map { "\($0["type"].map(plain) ?? "") \($0["loc"].map(plain) ?? "")" }
        }
    }

    private func plain(_ json: JSON) -> String {
        if case .string(let text) = json { text } else { String(decoding: json.bytes, as: UTF8.self) }
    }
}
