extension JSON {
    /// A number in the form that reading gives it: whole ones that a `Double` holds exactly are integers.
    init(number: Double) {
        let isExact = number.magnitude <= 0x1p53 && number == number.rounded(.towardZero)
        self = isExact ? .integer(Int(number)) : .number(number)
    }

    /// An object's member of this name: its first. For objects that this program made, which have few.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// This object with a member of this name: in place of the one that it has, or at the end.
    func setting(_ name: String, _ value: JSON) -> JSON {
        guard case .object(var members) = self else { return self }
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index].value = value
        } else {
            members.append(Member(name: name, value: value))
        }
        return .object(members)
    }

    /// The value if it is short, a string's beginning, or null: for echoes, which must not multiply what was sent.
    var excerpt: JSON {
        if case .string(let text) = self { return .string(text.shortened) }
        var room = 1_000
        return fits(&room) ? self : .null
    }

    /// Takes about the length of the value's text from some room, and ends early where that is used up.
    private func fits(_ room: inout Int) -> Bool {
        switch self {
        case .string(let text): room -= text.utf8.count + 3
        case .array(let values):
            room -= 2
            for value in values { guard value.fits(&room) else { return false } }
        case .object(let members):
            room -= 2
            for member in members {
                room -= member.name.utf8.count + 4
                guard room >= 0, member.value.fits(&room) else { return false }
            }
        default: room -= 8
        }
        return room >= 0
    }
}

extension String {
    /// The text, or its first 250 Unicode scalars and an ellipsis.
    var shortened: String {
        guard utf8.count > 250, let end = unicodeScalars.index(startIndex, offsetBy: 250, limitedBy: endIndex),
            end < endIndex
        else { return self }
        return self[..<end] + "…"
    }
}

/// A text that is equal to those of the same octets only. JSON tells names apart so (RFC 8259 section 8.3); and to compare
/// what was sent as `String`, which normalizes it, takes a time that the sender decides.
struct ExactText: Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// An object's members, found by name in the same time however many there are: names are the sender's.
struct JSONMembers {
    let all: [JSON.Member]
    private let places: [ExactText: Int]?

    init(_ members: [JSON.Member]) {
        all = members
        places =
            members.count <= 8
            ? nil
            : Dictionary(
                members.enumerated().map { (ExactText($1.name), $0) },
                uniquingKeysWith: { first, _ in first }
            )
    }

    /// The value of this name.
    package subscript(name: String) -> JSON? {
        let name = ExactText(name)
        guard let places else { return all.first { ExactText($0.name) == name }?.value }
        return places[name].map { all[$0].value }
    }
}
