import LoadClient

/// Clients that misbehave in every way at once, and the count of what they did.
enum Abuse {
    enum Kind: CaseIterable {
        case slowHeader, silence, resetInWork, nonsense, endlessField, unreadAnswers, behindUpgrade, endlessExtension
    }

    struct Count: CustomStringConvertible {
        /// How often each kind happened: what makes it one had gone out whole.
        var kinds: [Kind: Int] = [:]
        /// Connections that were not made, and abuse that could not begin.
        var failures: [String] = []

        var description: String { Kind.allCases.map { "\($0) \(kinds[$0] ?? 0)" }.joined(separator: ", ") }
    }

    static func run(until end: ContinuousClock.Instant) async -> Count {
        await withTaskGroup(of: Count.self) { group in
            for worker in 0..<30 {
                group.addTask { await misbehave(from: worker, until: end) }
            }
            return await group.reduce(into: Count()) { sum, count in
                sum.kinds.merge(count.kinds, uniquingKeysWith: +)
                sum.failures += count.failures
            }
        }
    }

    private static func misbehave(from worker: Int, until end: ContinuousClock.Instant) async -> Count {
        var count = Count()
        var number = worker
        while ContinuousClock.now < end {
            let kind = Kind.allCases[number % Kind.allCases.count]
            number += 1
            do {
                let connection = try await RawConnection.connect(to: Hello.ipv4)
                do {
                    try await misbehave(connection, kind)
                    count.kinds[kind, default: 0] += 1
                } catch {
                    count.failures.append("\(kind): \(error)")
                }
                await connection.reset()
            } catch {
                count.failures.append("\(error)")
            }
            // Bounded, so that it is the server's behaviour that is shown and not the machine's limits.
            try? await Task.sleep(for: .milliseconds(50))
        }
        return count
    }

    private static let head = "GET /healthz HTTP/1.1\r\nHost: hello\r\n"

    private static func misbehave(_ connection: RawConnection, _ kind: Kind) async throws {
        switch kind {
        case .slowHeader:
            try await connection.send("G")
            try? await connection.sendSlowly(head.dropFirst() + "", every: .milliseconds(40))
        case .silence: try await Task.sleep(for: .milliseconds(1500))
        case .resetInWork: try await connection.send("GET / HTTP/1.1\r\nHost: hello\r\n\r\n")
        case .nonsense: try await connection.send(String(repeating: "\u{16}\u{3}", count: 1000))
        case .endlessField:
            try await connection.send(head + "A: ")
            try? await connection.send(String(repeating: "b", count: 1 << 18), within: .seconds(1))
        case .unreadAnswers:
            try await connection.setReading(false)
            try await connection.send(head + "\r\n")
            try? await connection.send(String(repeating: head + "\r\n", count: 500), within: .seconds(1))
        case .behindUpgrade:
            try await connection.send(head + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            try? await connection.send(String(repeating: "x", count: 1 << 18), within: .seconds(1))
        case .endlessExtension:
            try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;")
            try? await connection.send(String(repeating: "a", count: 1 << 16), within: .seconds(1))
        }
    }
}
