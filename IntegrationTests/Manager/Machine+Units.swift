import Foundation

extension Machine {
    /// Runs `systemctl` and expects exit status 0.
    /// - Throws: ``CommandError`` for another, or none in time, and `CancellationError`.
    @discardableResult
    public func systemctl(_ arguments: String..., timeout: Duration = .seconds(60)) async throws -> CommandResult {
        try await command(["systemctl"] + arguments, timeout: timeout).run().successful()
    }

    /// Starts a unit, and returns when it has started.
    /// - Throws: ``CommandError`` when it does not, with what the unit last said, and `CancellationError`.
    public func start(_ unit: String) async throws { try await change("start", unit) }

    /// Stops a unit, and returns when it has stopped.
    /// - Throws: ``CommandError`` when it does not, with what `systemctl` said, and `CancellationError`.
    public func stop(_ unit: String) async throws { try await systemctl("stop", "--", unit) }

    /// Restarts a unit, and returns when it runs again.
    /// - Throws: ``CommandError`` when it does not, with what the unit last said, and `CancellationError`.
    public func restart(_ unit: String) async throws { try await change("restart", unit) }

    /// Has a unit read its configuration anew, and returns when it has.
    /// - Throws: ``CommandError`` when it does not, with what the unit last said, and `CancellationError`.
    public func reload(_ unit: String) async throws { try await change("reload", unit) }

    /// `systemctl` says to look into the journal of a machine that is gone by then.
    private func change(_ verb: String, _ unit: String) async throws {
        let result = try await command(["systemctl", verb, "--", unit], timeout: .seconds(60)).run()
        guard !result.isSuccess else { return }
        _ = try? await command(["journalctl", "--sync"]).run()
        let last = ["journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=8", "--unit=\(unit)"]
        throw CommandError.failed(result.saying("the unit's last entries:", try? await command(last).run().output))
    }

    /// Sends a signal to all of a unit's processes.
    /// - Parameters:
    ///   - unit: Whose.
    ///   - signal: As kill(1) names it: `KILL`, `STOP`.
    /// - Throws: ``CommandError`` when there is no such unit or process, and `CancellationError`.
    public func kill(_ unit: String, signal: String) async throws {
        try await systemctl("kill", "--signal=\(signal)", "--", unit)
    }

    /// Gives systemd a unit, and has it read. A name without a suffix is that of a service.
    /// - Throws: ``CommandError``, and `CancellationError`.
    public func unit(_ name: String, _ text: String) async throws {
        try await write(text, to: "/run/systemd/system/\(Self.unitName(name))")
        try await systemctl("daemon-reload")
    }

    /// Gives a unit a drop-in, and has it read. A unit's name without a suffix is that of a service.
    /// - Throws: ``CommandError``, and `CancellationError`.
    public func dropIn(_ unit: String, _ name: String, _ text: String) async throws {
        try await self.unit("\(Self.unitName(unit)).d/\(name).conf", text)
    }

    /// A unit's name as systemctl(1) completes it.
    static func unitName(_ name: String) -> String { name.contains(".") ? name : "\(name).service" }

    /// A property of a unit as `systemctl show` gives it; empty where it has none.
    /// - Throws: ``CommandError`` when systemd does not answer, and `CancellationError`.
    public func property(_ name: String, of unit: String) async throws -> String {
        try await systemctl("show", "--value", "--property=\(name)", "--", unit).trimmed
    }

    /// Waits until a unit's `ActiveState` is this: `active`, `inactive`, `failed`.
    /// - Throws: ``WaitedInVain`` when it is not in time.
    public func wait(for unit: String, toBe state: String, within limit: Duration = .seconds(10)) async throws {
        try await waiting(for: "\(unit) to be \(state)", within: limit) {
            let found = try await property("ActiveState", of: unit)
            return (found == state ? () : nil, found)
        }
    }

    /// Waits until a condition holds, asking every few milliseconds. Commands that `condition` runs are killed when time is
    /// up; what else it waits for is its own affair.
    /// - Throws: ``WaitedInVain`` when it does not in time, and what `condition` throws.
    public func wait(
        for what: String,
        within limit: Duration = .seconds(10),
        until condition: () async throws -> Bool
    ) async throws {
        try await waiting(for: what, within: limit) { (try await condition() ? () : nil, "it is not so") }
    }

    /// Writes a text file in the machine, and the directories above it.
    /// - Throws: ``CommandError`` when it cannot be written, and `CancellationError`.
    public func write(_ text: String, to file: String, mode: String = "0644") async throws {
        try await put(.data(Data(text.utf8)), file, mode)
    }

    /// Copies a file of this host into the machine.
    /// - Throws: ``CommandError`` when either cannot be read or written, and `CancellationError`.
    public func install(_ source: String, to file: String, mode: String = "0755") async throws {
        try await put(.file(source), file, mode)
    }

    private func put(_ content: Command.Input, _ file: String, _ mode: String) async throws {
        try await command(["sh", "-c", Scripts.put, "put", file, mode], input: content).run().successful()
    }

    /// What a file of the machine says.
    /// - Throws: ``CommandError`` when it cannot be read, and `CancellationError`.
    public func read(_ file: String) async throws -> String {
        try await command(["cat", "--", file]).run().successful().output
    }

    /// Asks every few milliseconds until there is a value, and says what was seen last when time is up. Commands that are
    /// run to find out end then, too.
    func waiting<Value>(
        for what: String,
        within limit: Duration,
        _ ask: () async throws -> (value: Value?, seen: String)
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        // Even of what is to be so at once it takes a moment to find out.
        let least = max(deadline, .now + .seconds(1))
        let end = min(least, Command.deadline ?? least)
        var lastSeen: String?
        while true {
            do {
                let answer = try await Command.$deadline.withValue(end) { try await ask() }
                if let value = answer.value { return value }
                guard ContinuousClock.now < deadline else {
                    throw WaitedInVain(what: what, limit: limit, lastSeen: answer.seen)
                }
                lastSeen = answer.seen
            } catch let error as CommandError where error.isTimeout && ContinuousClock.now >= end {
                let reason = String(error.description.prefix { $0 != "\n" })
                throw WaitedInVain(what: what, limit: limit, lastSeen: lastSeen ?? reason)
            }
            try await Task.sleep(for: .milliseconds(15))
        }
    }
}

/// Something that was waited for did not happen in time.
public struct WaitedInVain: Error, CustomStringConvertible {
    /// What was waited for.
    public let what: String
    /// For how long.
    public let limit: Duration
    /// What was there when time was up.
    public let lastSeen: String

    /// All three in a line.
    public var description: String { "waited \(limit) for \(what); last seen: \(lastSeen)" }
}
