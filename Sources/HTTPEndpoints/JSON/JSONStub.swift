package struct JSONSyntaxError: Error { package var offset = 0 }
extension JSON {
    package init(parsing octets: [UInt8]) throws(JSONSyntaxError) { throw JSONSyntaxError() }
    package init(encoding value: some Encodable) throws { throw JSONSyntaxError() }
    package func decoded<T: Decodable>(as type: T.Type) throws -> T { throw JSONSyntaxError() }
}
