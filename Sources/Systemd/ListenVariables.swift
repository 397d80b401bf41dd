/// The variables by which a service manager says which descriptors it passed (sd_listen_fds(3)), as found.
///
/// What they mean is decided by ``descriptors(forProcess:ownPidfdID:)``, a pure function of them.
struct ListenVariables: Hashable, Sendable {
    /// `LISTEN_PID`: the process that they are meant for.
    var pid: String?
    /// `LISTEN_PIDFDID`: the same, safe against reuse of process ids. Set by systemd 258 and newer.
    var pidfdID: String?
    /// `LISTEN_FDS`: how many descriptors, from 3 on.
    var count: String?
    /// `LISTEN_FDNAMES`: their names, separated by colons.
    var names: String?

    /// The first descriptor that is passed: `SD_LISTEN_FDS_START`.
    static let firstDescriptor: CInt = 3

    /// Reads the variables for the process `pid`.
    ///
    /// Stricter than libsystemd in the numbers (decimal digits only), and the same otherwise. Garbage in variables that
    /// are meant for another process is not looked at.
    ///
    /// - Parameters:
    ///   - pid: the process id of the reader.
    ///   - ownPidfdID: the inode of the reader's pidfd, or `nil` where the kernel cannot tell; asked only when needed.
    /// - Returns: what was passed, with a count of 0 if the variables are absent or meant for another process.
    /// - Throws: ``ActivationError/invalidVariable(name:value:reason:)``.
    func descriptors(
        forProcess pid: CInt,
        ownPidfdID: () -> UInt64?
    ) throws(ActivationError) -> PassedDescriptors {
        guard let pidText = self.pid else { return .none }
        guard let target = Self.number(pidText), (1...UInt64(CInt.max)).contains(target) else {
            throw .invalidVariable(name: "LISTEN_PID", value: pidText, reason: "is not a process id")
        }
        guard target == UInt64(pid) else { return .misaddressed(.process(CInt(target)), ifAny: count) }

        if let text = pidfdID {
            guard let target = Self.number(text) else {
                throw .invalidVariable(name: "LISTEN_PIDFDID", value: text, reason: "is not a pidfd inode number")
            }
            if let own = ownPidfdID(), own != target { return .misaddressed(.earlierProcess, ifAny: count) }
        }

        guard let countText = self.count else { return .none }
        let most = UInt64(CInt.max - Self.firstDescriptor)
        guard let count = Self.number(countText), (1...most).contains(count) else {
            throw .invalidVariable(
                name: "LISTEN_FDS",
                value: countText,
                reason: "is not a number of descriptors from 1 to \(most)"
            )
        }
        return try PassedDescriptors(count: CInt(count), names: names(count: Int(count)))
    }

    /// The names, one for each of `count` descriptors, or `nil` if the manager gave none.
    private func names(count: Int) throws(ActivationError) -> [String]? {
        guard let text = self.names else { return nil }
        let names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard names.count == count else {
            throw .invalidVariable(
                name: "LISTEN_FDNAMES",
                value: text,
                reason: "names \(names.count) descriptors, but LISTEN_FDS says \(count)"
            )
        }
        for name in names where !Self.isValidName(name) {
            throw .invalidVariable(
                name: "LISTEN_FDNAMES",
                value: text,
                reason: "holds the name \(Text.quoted(name)), and names are at most 255 printable ASCII characters"
            )
        }
        return names
    }

    /// Whether systemd would take `name` for a descriptor: `fdname_is_valid()` of its sources, which allows an empty one.
    static func isValidName(_ name: String) -> Bool {
        name.utf8.count <= 255 && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: ":") }
    }

    /// A number of decimal digits alone: no sign, no white space, no overflow.
    private static func number(_ text: String) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt64(text)
    }
}

/// Whom the variables are meant for, where that is not the process that reads them.
///
/// Most often a shell or another wrapper stands between the manager and the program, and did not use exec.
public enum Misaddressing: Hashable, Sendable {
    /// `LISTEN_PID` names this other process.
    case process(CInt)
    /// `LISTEN_PIDFDID` is that of an earlier process with the same id.
    case earlierProcess
}

/// The descriptors that a service manager passed: `count` from 3 on, each with a name.
struct PassedDescriptors: Hashable, Sendable {
    let count: CInt
    /// Kept apart from the count, which may be absurd: an array is only made of names that were there.
    private let names: [String]?

    /// Whom they were passed to, if not to the reader.
    let misaddressing: Misaddressing?

    static let none = PassedDescriptors(count: 0, names: nil)

    /// None, and why, where any were spoken of.
    static func misaddressed(_ misaddressing: Misaddressing, ifAny count: String?) -> PassedDescriptors {
        PassedDescriptors(count: 0, names: nil, misaddressing: count == nil ? nil : misaddressing)
    }

    init(count: CInt, names: [String]?, misaddressing: Misaddressing? = nil) {
        self.count = count
        self.names = names
        self.misaddressing = misaddressing
    }

    /// The descriptors' numbers.
    var numbers: Range<CInt> {
        ListenVariables.firstDescriptor..<ListenVariables.firstDescriptor + count
    }

    /// The name of a descriptor in ``numbers``: `unknown` if the manager gave no names (sd_listen_fds_with_names(3)).
    func name(of number: CInt) -> String {
        names?[Int(number - ListenVariables.firstDescriptor)] ?? "unknown"
    }
}
