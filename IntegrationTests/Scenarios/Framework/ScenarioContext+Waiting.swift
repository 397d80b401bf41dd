extension ScenarioContext {
    /// How often a condition is looked at while it is waited for.
    private static let pollInterval: Duration = .milliseconds(15)

    /// Waits until a condition holds.
    /// - Throws: ``ExpectationFailed`` when it does not in time, and what `condition` throws.
    func wait(
        for what: String,
        within limit: Duration = .seconds(10),
        file: String = #fileID,
        line: Int = #line,
        _ condition: () async throws -> Bool
    ) async throws {
        _ = try await wait(for: what, within: limit, file: file, line: line, until: { $0 }, observing: condition)
    }

    /// Waits until a value is as it should be, and returns it.
    ///
    /// `observing` is asked every few milliseconds; when time runs out, the error says what it said last.
    /// - Throws: ``ExpectationFailed`` when that does not happen in time, and what `observing` throws.
    @discardableResult
    func wait<Value>(
        for what: String,
        within limit: Duration = .seconds(10),
        file: String = #fileID,
        line: Int = #line,
        until isReached: (Value) throws -> Bool,
        observing: () async throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            let value = try await observing()
            if try isReached(value) { return value }
            if ContinuousClock.now >= deadline {
                throw ExpectationFailed(
                    description: "waited \(limit) for \(what); last seen: \(value) (\(file):\(line))"
                )
            }
            try await Task.sleep(for: Self.pollInterval)
        }
    }
}
