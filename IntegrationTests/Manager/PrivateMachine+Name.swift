import Glibc

extension PrivateMachine {
    /// A name that no other machine has: a label, this process, and a random number.
    /// - Throws: ``MachineError/invalidLabel(_:reason:)`` for what would be no host name (hostname(7)), or a path.
    static func name(labelled label: String) throws(MachineError) -> String {
        let isPlain = label.utf8.allSatisfy { octet in
            switch UInt8(octet) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, !label.isEmpty, !label.hasPrefix("-") else {
            throw .invalidLabel(
                label,
                reason: "it begins a host name, which has letters, digits and '-', but not at its beginning"
            )
        }
        let name = "\(label)-\(getpid())-\(UInt32.random(in: 0...0xff_ffff))"
        // HOST_NAME_MAX
        guard name.utf8.count <= 64 else {
            throw .invalidLabel(label, reason: "its host name would be longer than 64 characters: \(name)")
        }
        return name
    }
}
