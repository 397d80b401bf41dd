/// What a type asked its decoder for.
final class ProbedShape {
    /// A schema that is known, or what another container asked for until the end.
    enum Part {
        case known(JSON)
        case shape(ProbedShape)
    }

    private enum Kind { case nothing, object, list, value }

    private struct Member {
        var name: String
        var isRequired: Bool
        var isNullable: Bool
        var part: Part
    }

    /// What is said of the members, and of the value itself.
    let bounds: [String: ValueBounds]
    let ownBounds: ValueBounds?
    private var kind = Kind.nothing
    private var members: [Member] = []
    private var elements: [Part] = []
    private var value: Part?
    private var isNullable = false
    /// The members of which the type asked whether they are there, and whether they are null.
    private var maybeMissing: Set<String> = []
    private var maybeNull: Set<String> = []

    init(bounds: [String: ValueBounds] = [:], ownBounds: ValueBounds? = nil) {
        self.bounds = bounds
        self.ownBounds = ownBounds
    }

    var isObject: Bool { kind == .object }
    var count: Int { elements.count }

    func beObject() { kind = .object }
    func beList() { kind = .list }
    func noteMaybeMissing(_ name: String) { maybeMissing.insert(name) }
    func noteMaybeNull(_ name: String) { maybeNull.insert(name) }
    func noteMaybeNull() { isNullable = true }

    func note(_ name: String, _ part: Part, isRequired: Bool = true) {
        // A member that is asked for again, maybe as another type, is what it was asked for first.
        guard !members.contains(where: { $0.name == name }) else { return }
        members.append(
            Member(
                name: name,
                isRequired: isRequired && !maybeMissing.contains(name),
                isNullable: !isRequired || maybeNull.contains(name),
                part: part
            )
        )
    }

    func noteElement(_ part: Part) { elements.append(part) }

    func noteValue(_ part: Part) {
        guard value == nil else { return }
        kind = .value
        value = part
    }

    /// The schema of what was asked for.
    func schema(_ report: (String) -> Void) -> JSON {
        let schema: JSON
        switch kind {
        case .nothing: schema = [:]
        case .value: schema = value.map { Self.schema($0, report) } ?? [:]
        case .list:
            let items = elements.map { Self.schema($0, report) }
            let isUniform = items.dropFirst().allSatisfy { $0 == items.first }
            schema = isUniform && !items.isEmpty ? ["type": "array", "items": items[0]] : ["type": "array"]
        case .object: schema = object(report)
        }
        return isNullable ? schema.nullable : schema
    }

    private func object(_ report: (String) -> Void) -> JSON {
        let properties = members.map { member in
            var schema = Self.schema(member.part, report)
            if member.isNullable { schema = schema.nullable }
            if let bounds = bounds[member.name] {
                var misfits: [String] = []
                schema = bounds.applied(to: schema, &misfits)
                for word in misfits { report("\(word) does not fit the type of \(member.name)") }
            }
            return JSON.Member(name: member.name, value: schema)
        }
        for name in bounds.keys.sorted() where !members.contains(where: { $0.name == name }) {
            report("there is no member \(name)")
        }
        let required = members.filter(\.isRequired).map { JSON.string($0.name) }
        let schema: JSON = ["type": "object", "properties": .object(properties)]
        return required.isEmpty ? schema : schema.merging(["required": .array(required)])
    }

    private static func schema(_ part: Part, _ report: (String) -> Void) -> JSON {
        switch part {
        case .known(let schema): schema
        case .shape(let shape): shape.schema(report)
        }
    }
}
