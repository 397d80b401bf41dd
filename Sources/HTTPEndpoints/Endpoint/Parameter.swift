/// A parameter of an endpoint, declared once: its schema, and how its value is read and checked.
public struct Parameter<Value: Sendable>: Sendable {
    let declaration: ParameterDeclaration
    /// Reads the value out of a request's input; notes what is wrong and returns nil. Throws what is nobody's input.
    let read: @Sendable (RequestInput, inout [ValidationIssue]) throws -> Value?

    /// A part of the path: `name` in `/hello/{name}`.
    public static func path(_ name: String, _ type: ValueType<Value>, _ summary: String = "") -> Self {
        let declaration = ParameterDeclaration(name, .path, isRequired: true, summary, type.schema)
        return Parameter(declaration: declaration) { input, issues in
            guard let raw = input.path[name] else { return declaration.note(.missing, .null, &issues) }
            return declaration.read(raw, PercentEncoding.decode(raw), type, &issues)
        }
    }

    /// A part of the query that must be there.
    public static func query(_ name: String, _ type: ValueType<Value>, _ summary: String = "") -> Self {
        let declaration = ParameterDeclaration(name, .query, isRequired: true, summary, type.schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readQuery(input, type, &issues) { $0.note(.missing, .null, &$1) }
        }
    }

    /// A part of the query that may be left out.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - type: What is allowed.
    ///   - defaultValue: The value where it is left out.
    ///   - summary: What it is for.
    public static func query(
        _ name: String,
        _ type: ValueType<Value>,
        default defaultValue: Value,
        _ summary: String = ""
    ) -> Self {
        let schema = type.schema(default: defaultValue)
        let declaration = ParameterDeclaration(name, .query, isRequired: false, summary, schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readQuery(input, type, &issues) { _, _ in defaultValue }
        }
    }

    /// A field of the request's head that must be there.
    ///
    /// - Parameters:
    ///   - name: Its name in lower case.
    ///   - type: What is allowed.
    ///   - summary: What it is for.
    public static func header(_ name: StaticString, _ type: ValueType<Value>, _ summary: String = "") -> Self {
        let declaration = ParameterDeclaration("\(name)", .header, isRequired: true, summary, type.schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readHeader(name, input, type, &issues) { $0.note(.missing, .null, &$1) }
        }
    }

    /// A field of the request's head that may be left out. The parameters are those of ``header(_:_:_:)``, and the value
    /// where it is left out.
    public static func header(
        _ name: StaticString,
        _ type: ValueType<Value>,
        default defaultValue: Value,
        _ summary: String = ""
    ) -> Self {
        let schema = type.schema(default: defaultValue)
        let declaration = ParameterDeclaration("\(name)", .header, isRequired: false, summary, schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readHeader(name, input, type, &issues) { _, _ in defaultValue }
        }
    }

    /// A member of the request's JSON body that must be there.
    public static func body(_ name: String, _ type: ValueType<Value>, _ summary: String = "") -> Self {
        let declaration = ParameterDeclaration(name, .body, isRequired: true, summary, type.schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readMember(input, type, &issues) { $0.note(.missing, $1, &$2) }
        }
    }

    /// A member of the request's JSON body that may be left out.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - type: What is allowed.
    ///   - defaultValue: The value where it is left out.
    ///   - summary: What it is for.
    public static func body(
        _ name: String,
        _ type: ValueType<Value>,
        default defaultValue: Value,
        _ summary: String = ""
    ) -> Self {
        let schema = type.schema(default: defaultValue)
        let declaration = ParameterDeclaration(name, .body, isRequired: false, summary, schema)
        return Parameter(declaration: declaration) { input, issues in
            declaration.readMember(input, type, &issues) { _, _, _ in defaultValue }
        }
    }
}
