import SystemdTestKit

extension ScenarioContext {
    /// Runs `systemctl`.
    /// - Parameter checked: Whether an exit status other than 0 fails the scenario.
    @discardableResult
    func systemctl(
        _ arguments: String...,
        checked: Bool = true,
        timeout: Duration = .seconds(60)
    ) async throws -> CommandResult {
        try await command(["systemctl"] + arguments, checked: checked, timeout: timeout)
    }

    /// Runs a shell command line.
    @discardableResult
    func shell(_ line: String, checked: Bool = true, timeout: Duration = .seconds(30)) async throws -> CommandResult {
        try await command(["sh", "-c", line], checked: checked, timeout: timeout)
    }

    /// Runs a program.
    @discardableResult
    func command(
        _ arguments: [String],
        checked: Bool = true,
        timeout: Duration = .seconds(30)
    ) async throws -> CommandResult {
        let result = try await Command(arguments, timeout: timeout).run()
        return checked ? try result.successful() : result
    }

    /// Runs a program as a transient unit and waits for its end.
    /// - Parameter connectsStreams: Whether the result has its output; else that goes to the journal.
    @discardableResult
    func systemdRun(
        _ arguments: [String],
        unit: String? = nil,
        properties: [String] = [],
        connectsStreams: Bool = true,
        checked: Bool = true,
        timeout: Duration = .seconds(30)
    ) async throws -> CommandResult {
        let result = try await machine.run(
            arguments,
            unit: unit,
            properties: properties,
            connectsStreams: connectsStreams,
            timeout: timeout
        )
        return checked ? try result.successful() : result
    }

    /// A property of a unit as `systemctl show` gives it; empty where it has none.
    func unitProperty(_ unit: String, _ name: String) async throws -> String {
        try await systemctl("show", "--value", "--property=\(name)", "--", unit).trimmed
    }

    /// Several properties of a unit, read at one moment.
    func unitProperties(_ unit: String, _ names: String...) async throws -> [String: String] {
        let text = try await systemctl("show", "--property=\(names.joined(separator: ","))", "--", unit).output
        var properties: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            properties[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return properties
    }
}
