import Foundation
import Glibc
import SystemdTestKit
import Testing

/// A unit's own wall clock, as a program meets it that knows nothing of it, and without it afterwards.
@Suite(.serialized) struct WallClockTests {
    private static let unit = "ticker.service"

    @Test("The wall clock of a sandboxed unit jumps both ways, and nothing else does", arguments: Ending.allCases)
    func steps(ending: Ending) async throws {
        try await withTicker { machine in
            try await ending.end { body in
                try await machine.withWallClock(of: Self.unit) { clock in
                    try await machine.start(Self.unit)
                    try await machine.expectTicks(ahead: .zero)
                    for hours in [1, -2] {
                        try await clock.step(by: .seconds(3600 * hours))
                        try await machine.expectTicks(ahead: clock.offset)
                    }
                    try #require(clock.offset == .seconds(-3600))
                    // One that takes its place has the same clock; one that has another unit has none.
                    try await machine.restart(Self.unit)
                    try await machine.expectTicks(ahead: clock.offset)
                    let date = try await machine.run(["date", "+%s"]).successful().trimmed
                    let others = try #require(Double(date))
                    try #require(abs(others - Date().timeIntervalSince1970) < 60)
                    try body()
                }
            }
            // What runs on has the true clock, and what starts now is no longer told anything.
            try await machine.expectTicks(ahead: .zero)
            try #require(try await machine.property("Environment", of: Self.unit).isEmpty)
            try #require(try await machine.command(["ls", "/usr/local/lib/systemd-test-kit"]).run().output.isEmpty)
            try await machine.restart(Self.unit)
            try await machine.expectTicks(ahead: .zero)
        }
    }

    @Test("A unit that was started before has the true clock, and the step says so")
    func before() async throws {
        try await withTicker { machine in
            try await machine.start(Self.unit)
            let error = await #expect(throws: FaultError.self) {
                try await machine.withWallClock(of: Self.unit) { try await $0.step(by: .seconds(3600)) }
            }
            #expect(error?.description.contains("was it started before") == true)
            try await machine.expectTicks(ahead: .zero)
        }
    }

    /// A machine with a unit that says ten times a second what its clocks say, and how long it has slept by them.
    private func withTicker(_ body: (PrivateMachine) async throws -> Void) async throws {
        try await withMachine(label: "ticker") { machine in
            let program = """
                import time
                while True:
                    before = time.monotonic()
                    time.sleep(0.1)
                    slept = time.monotonic() - before
                    print(time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME), slept)
                """
            try await machine.write(program, to: "/usr/local/lib/ticker.py")
            let sandbox = "DynamicUser=yes\nProtectSystem=strict\nPrivateTmp=yes\nSystemCallFilter=@system-service\n"
            let start = "ExecStart=/usr/bin/python3 -u /usr/local/lib/ticker.py\n"
            try await machine.unit(Self.unit, "[Service]\n\(start)\(sandbox)")
            try await body(machine)
        }
    }
}

extension Machine {
    /// Expects that the next tick tells a wall clock so far ahead of the true one, and the other clocks as they are.
    fileprivate func expectTicks(ahead offset: Duration) async throws {
        let end = try await journalEnd()
        var ticks: [[Double]] = []
        // The first may have been on its way.
        try await wait(for: "two ticks") {
            ticks = try await journal(unit: "ticker.service", after: end).compactMap { entry in
                let numbers = entry["MESSAGE"]?.split(separator: " ").compactMap { Double($0) } ?? []
                return numbers.count == 4 ? numbers : nil
            }
            return ticks.count >= 2
        }
        let tick = try #require(ticks.last)
        var boot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        var monotonic = timespec()
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        let expected = [
            Date().timeIntervalSince1970 + offset / .seconds(1), Double(monotonic.tv_sec), Double(boot.tv_sec), 0.1,
        ]
        for (told, expected) in zip(tick, expected) {
            #expect(abs(told - expected) < 60, "\(tick), expected \(expected)")
        }
        #expect((0.1..<10).contains(tick[3]), "slept \(tick[3])")
    }
}
