/// Who a daemon is. Every name that it has follows from this.
///
/// | from `name` `hello`, `program` `hellod` | |
/// |---|---|
/// | units | `hello.service`, `hello.socket`, `hello-admin.socket` |
/// | variables | `HELLO_…` |
/// | configuration | `/etc/hello/hello.yaml` |
/// | metrics | `hello_…` |
/// | `SYSLOG_IDENTIFIER`, messages | `hellod` |
public struct Identity: Sendable {
    /// The service's name: lower-case letters, digits and `-`.
    public let name: String
    /// The program's name.
    public let program: String
    /// The program's version.
    public let version: String
    /// What the service is, in a sentence.
    public let summary: String
    /// The licence of its API, as an identifier of SPDX; nil where nothing is said.
    public let license: String?
    /// What its units call it: `Hello greeting` of `Hello greeting service`.
    public let title: String
    /// Its page of the manual, `hellod(8)`, if there is one.
    public let manualPage: String?
    /// Whether it makes connections of its own, for which the sandbox of its unit needs a network.
    public let callsOut: Bool

    /// Names a daemon.
    ///
    /// - Parameters:
    ///   - name: The service's name: up to 64 lower-case letters, digits and `-`, a letter first.
    ///   - program: The program's name; that of the service, where there is none.
    ///   - version: The program's version.
    ///   - summary: What the service is, in a sentence.
    ///   - license: The licence of its API.
    ///   - title: What its units call it; its name, where there is none.
    ///   - manualPage: Its page of the manual.
    ///   - callsOut: Whether it makes connections of its own.
    public init(
        name: String,
        program: String? = nil,
        version: String = "0.0.0",
        summary: String = "",
        license: String? = nil,
        title: String? = nil,
        manualPage: String? = nil,
        callsOut: Bool = false
    ) {
        if !Self.isName(name) {
            fatalError("A service's name is up to 64 of a to z, 0 to 9 and -, a letter first: \(name)")
        }
        self.name = name
        self.program = program ?? name
        self.version = version
        self.summary = summary
        self.license = license
        self.title = title ?? name.prefix(1).uppercased() + name.dropFirst()
        self.manualPage = manualPage
        self.callsOut = callsOut
    }

    /// Whether units, variables, metrics and directories can be named so.
    package static func isName(_ text: String) -> Bool {
        let isLetter = { (octet: UInt8) in (0x61...0x7a).contains(octet) }
        guard (1...64).contains(text.utf8.count), text.utf8.first.map(isLetter) == true else { return false }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// What the names of its metrics begin with: `hello`.
    package var metricsPrefix: String { name.replacing("-", with: "_") }

    /// What the names of its variables begin with: `HELLO_`.
    package var environmentPrefix: String { metricsPrefix.uppercased() + "_" }
}
