/// What the units of a daemon say of it: its name, which so many others follow, and what is different from daemon to daemon.
struct UnitIdentity: Sendable, Equatable {
    /// What units, paths, variables and metrics are named after: `hello`.
    let name: String
    /// What its people call the program: `hellod`.
    let program: String
    /// Where the program is: `/usr/local/bin/hellod`.
    let programPath: String
    /// What `systemctl status` says of the service: `Hello greeting service`.
    let title: String
    /// What it says of the sockets for clients.
    let socketsTitle: String
    /// What it says of the socket for whoever looks after the daemon.
    let adminSocketTitle: String
    /// The page of the manual, `hellod(8)`, if there is one.
    let manualPage: String?
    /// Where clients connect to.
    let port: Int
    /// Where /metrics is.
    let adminPort: Int
    /// Whether the daemon makes connections of its own, for which its sandbox needs a network.
    let callsOut: Bool
    /// Whether the units are templates, of which each instance has an own one: `hello@.service`, of `hello@two.service`.
    let isTemplate: Bool

    /// Takes what gives valid units, and refuses the rest: a line break in a title would be a setting.
    init(
        name: String,
        program: String,
        programPath: String,
        title: String,
        socketsTitle: String,
        adminSocketTitle: String,
        manualPage: String? = nil,
        port: Int = defaultPort,
        adminPort: Int? = nil,
        callsOut: Bool = false,
        isTemplate: Bool = false
    ) throws(UnitProblem) {
        try Self.check(name: name)
        if isTemplate { try Self.check(templateName: name) }
        try Self.check(programPath: programPath)
        let texts = [program, title, socketsTitle, adminSocketTitle, manualPage ?? "none"]
        for text in texts { try Self.check(text: text) }
        try Self.check(port: port)
        let adminPort = adminPort ?? port + 1
        try Self.check(port: adminPort)
        guard port != adminPort else { throw UnitProblem(line: "port \(port) is that of both sockets") }
        self.name = name
        self.program = program
        self.programPath = programPath
        self.title = title
        self.socketsTitle = socketsTitle
        self.adminSocketTitle = adminSocketTitle
        self.manualPage = manualPage
        self.port = port
        self.adminPort = adminPort
        self.callsOut = callsOut
        self.isTemplate = isTemplate
    }

    /// What the units for clients are called, and after them directory and socket, without their kind: `hello`. In a template
    /// systemd puts the instance in the place of `%i`.
    var unit: String { isTemplate ? "\(name)@%i" : name }

    /// What the unit of the admin socket is called, likewise.
    var adminUnit: String { isTemplate ? "\(name)-admin@%i" : "\(name)-admin" }

    /// What tells the descriptions of instances apart.
    var suffix: String { isTemplate ? " (%i)" : "" }

    /// What the names of variables begin with.
    var variablesPrefix: String { name.replacing("-", with: "_").uppercased() + "_" }

    /// The port of a daemon that says nothing else. The next one is that of its admin socket.
    static let defaultPort = 8080

    /// The line that names the page of the manual, with its line break, or nothing.
    var documentation: String { manualPage.map { "\nDocumentation=man:\($0)" } ?? "" }

    /// How a sentence names the daemon.
    var reference: String { manualPage ?? program }
}

extension UnitIdentity {
    /// What the units of a daemon say.
    init(
        _ identity: Identity,
        programPath: String,
        port: Int = defaultPort,
        isTemplate: Bool = false
    ) throws(UnitProblem) {
        let first = identity.title.split(separator: " ").first.map(String.init) ?? identity.title
        try self.init(
            name: identity.name,
            program: identity.program,
            programPath: programPath,
            title: "\(identity.title) service",
            socketsTitle: "\(identity.title) sockets",
            adminSocketTitle: "\(first) administration socket",
            manualPage: identity.manualPage,
            port: port,
            callsOut: identity.callsOut,
            isTemplate: isTemplate
        )
    }
}
