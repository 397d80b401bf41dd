/// A figure that a part measures.
public struct Metric: Codable, Sendable, Hashable {
    /// Its name in the JSON.
    public var key: String
    /// The head of its column.
    public var title: String
    /// What stands behind a value.
    public var unit: String

    /// Describes a figure.
    public init(_ key: String, _ title: String, unit: String) {
        self.key = key
        self.title = title
        self.unit = unit
    }
}

/// What one part of the benchmark measured, with every round.
public struct PartResult: Codable, Sendable {
    /// One server's figures.
    public struct Row: Codable, Sendable {
        /// The server.
        public var server: String
        /// By the metric's key, a value for each round.
        public var values: [String: [Double]] = [:]
        /// Why there are no figures, or fewer than there should be.
        public var remark: String?

        /// The rounds of a metric summed up; `nil` where there are none.
        public func summary(_ key: String) -> Summary? { values[key].flatMap { Summary($0) } }
    }

    /// What the part is called on the command line.
    public var id: String
    /// What it is called in the report.
    public var title: String
    /// How it is measured.
    public var method: String
    /// The client's command, where it is one.
    public var command: String
    /// Its columns. The first is the main one, and is drawn.
    public var metrics: [Metric]
    /// A row for each server, in the order of the run.
    public var rows: [Row] = []

    /// A part without results.
    public init(id: String, title: String, method: String, command: String = "", metrics: [Metric]) {
        self.id = id
        self.title = title
        self.method = method
        self.command = command
        self.metrics = metrics
    }

    /// A server's row.
    public func row(_ server: String) -> Row? { rows.first { $0.server == server } }

    /// Gives a server a row, if it has none.
    public mutating func addRow(_ server: String) { _ = place(of: server) }

    /// Adds the figures of one round.
    public mutating func record(_ figures: [String: Double], of server: String) {
        let index = place(of: server)
        for (key, value) in figures { rows[index].values[key, default: []].append(value) }
    }

    /// Says why a server has no figures here, in one line.
    public mutating func remark(_ text: String, on server: String) {
        rows[place(of: server)].remark = text.split(separator: "\n").joined(separator: " | ")
    }

    private mutating func place(of server: String) -> Int {
        if let index = rows.firstIndex(where: { $0.server == server }) { return index }
        rows.append(Row(server: server))
        return rows.count - 1
    }
}

/// A whole run: what it ran on, what was measured, and what came out.
public struct BenchmarkRun: Codable, Sendable {
    /// A fact about the machine.
    public struct Fact: Codable, Sendable {
        /// What it is about.
        public var name: String
        /// What is the case.
        public var value: String

        /// A fact.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A server that was to be measured.
    public struct Server: Codable, Sendable {
        /// Its name.
        public var name: String
        /// What it is made of, with versions.
        public var version: String
        /// How it is started.
        public var command: String
        /// Why it could not be measured.
        public var failure: String?

        /// A server.
        public init(name: String, version: String, command: String, failure: String? = nil) {
            self.name = name
            self.version = version
            self.command = command
            self.failure = failure
        }
    }

    /// The machine, the date, the rounds.
    public var facts: [Fact]
    /// Every server, those included that could not be installed.
    public var servers: [Server]
    /// What was measured, in order.
    public var parts: [PartResult] = []

    /// A run that has measured nothing yet.
    public init(facts: [Fact], servers: [Server]) {
        self.facts = facts
        self.servers = servers
    }

    /// A part's result, if it was run.
    public func part(_ id: String) -> PartResult? { parts.first { $0.id == id } }
}
