import SystemdTestKit
import Testing

/// Each fault, as a unit that knows nothing of it meets it, and without it afterwards, whether the body throws or not. One after
/// the other: a machine takes seven of the 128 inotify instances that root has at once.
@Suite(.serialized) struct FaultTests {
    private static let unit = "worker.service"

    @Test("A frozen unit does nothing, and goes on afterwards", arguments: Ending.allCases)
    func frozen(ending: Ending) async throws {
        try await withWorker("open('/run/beats', 'a').write('.')") { machine in
            try await machine.waitForBeats()
            try await ending.end { body in
                try await machine.withFrozen(Self.unit) {
                    try #require(try await machine.property("FreezerState", of: Self.unit) == "frozen")
                    let beats = try await machine.read("/run/beats")
                    try await Task.sleep(for: .milliseconds(500))
                    try #require(try await machine.read("/run/beats") == beats)
                    try body()
                }
            }
            try await machine.waitForBeats()
        }
    }

    @Test("What is frozen is thawed when the test is cancelled")
    func cancelled() async throws {
        try await withWorker("open('/run/beats', 'a').write('.')") { machine in
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let test = Task {
                try await machine.withFrozen(Self.unit) {
                    begin.yield()
                    try await Task.sleep(for: .seconds(600))
                }
            }
            _ = await begun.first { _ in true }
            test.cancel()
            await #expect(throws: CancellationError.self) { try await test.value }
            try await machine.waitForBeats()
        }
    }

    @Test("A disk that was to be full is as before when the test is cancelled while it is covered")
    func cancelledWhileCovering() async throws {
        try await withWorker("open('/run/beats', 'a').write('.')") { machine in
            try await machine.write("before", to: "/srv/a directory/file")
            // What takes a while to copy.
            let large = "head -c 256M /dev/zero >'/srv/a directory/large'"
            try await machine.command(["sh", "-c", large]).run().successful()
            let test = Task {
                try await machine.withFullDisk(at: "/srv/a directory") { try await Task.sleep(for: .seconds(600)) }
            }
            try await machine.wait(for: "the copy") {
                try await machine.command(["sh", "-c", "[ -e /run/full-disk-*/content/large ]"]).run().isSuccess
            }
            test.cancel()
            await #expect(throws: CancellationError.self) { try await test.value }
            try await machine.write("after", to: "/srv/a directory/file")
            try #require(try await !machine.read("/proc/self/mounts").contains("full-disk"))
            try #require(try await !machine.command(["ls", "/run"]).run().output.contains("full-disk"))
        }
    }

    @Test("A unit that its body stops is no frozen one, and starts again")
    func stopped() async throws {
        try await withWorker("open('/run/beats', 'a').write('.')") { machine in
            try await machine.withFrozen(Self.unit) {
                try await machine.kill(Self.unit, signal: "KILL")
                try await machine.stop(Self.unit)
            }
            try await machine.start(Self.unit)
            try await machine.waitForBeats()
        }
    }

    @Test("Who logs a lot waits for a frozen journal, which has afterwards what was said", arguments: Ending.allCases)
    func frozenJournal(ending: Ending) async throws {
        // Half a mebibyte a time: the socket holds eight.
        let program = #"print(('x' * 16383 + '\n') * 32); open('/run/beats', 'a').write('.')"#
        try await withWorker(program) { machine in
            try await machine.waitForBeats()
            try await ending.end { body in
                try await machine.withFrozenJournal {
                    try await machine.command(["logger", "said meanwhile"]).run().successful()
                    var beats = ""
                    try await machine.wait(for: "a worker that waits", within: .seconds(60)) {
                        let before = beats
                        beats = try await machine.read("/run/beats")
                        try await Task.sleep(for: .milliseconds(500))
                        return beats == before
                    }
                    try body()
                }
            }
            try await machine.waitForBeats()
            try await machine.waitForEntry(["MESSAGE": "said meanwhile"])
        }
    }

    @Test(
        "A full disk is full for a sandboxed unit that runs, and only as long as it is to be",
        arguments: Ending.allCases
    )
    func fullDisk(ending: Ending) async throws {
        let sandbox = "DynamicUser=yes\nProtectSystem=strict\nStateDirectory=worker\n"
        try await withWorker("open('/var/lib/worker/data', 'ab', 0).write(b'.' * 4096); print('written')", sandbox) {
            machine in
            try await machine.waitForEntry(["MESSAGE": "written"])
            try await ending.end { body in
                try await machine.withFullDisk(at: "/var/lib/worker") {
                    try #require(try await machine.read("/var/lib/worker/data").hasPrefix("...."))
                    try await machine.waitForEntry(["MESSAGE": "ENOSPC"])
                    try await machine.write("", to: "/var/lib/worker/empty")
                    await #expect(throws: CommandError.self) {
                        try await machine.write("something", to: "/var/lib/worker/something")
                    }
                    try body()
                }
            }
            let end = try await machine.journalEnd()
            try await machine.waitForEntry(["MESSAGE": "written"], after: end)
            try #require(try await !machine.read("/proc/self/mounts").contains("full-disk"))
            try #require(try await machine.command(["ls", "/var/lib/worker", "/run"]).run().output.contains("data"))
            try #require(
                try await !machine.command(["ls", "/var/lib/worker", "/run"]).run().output.contains("full-disk")
            )
            await #expect(throws: CommandError.self) { try await machine.read("/var/lib/worker/empty") }
        }
    }

    @Test("A unit without descriptors opens nothing, and has its limit back afterwards", arguments: Ending.allCases)
    func withoutDescriptors(ending: Ending) async throws {
        try await withWorker("open('/dev/null').close(); print('opened')", "DynamicUser=yes\nLimitNOFILE=700\n") {
            machine in
            try await machine.waitForEntry(["MESSAGE": "opened"])
            try await ending.end { body in
                try await machine.withoutDescriptors(of: Self.unit) {
                    try await machine.waitForEntry(["MESSAGE": "EMFILE"])
                    try body()
                }
            }
            let end = try await machine.journalEnd()
            try await machine.waitForEntry(["MESSAGE": "opened"], after: end)
            let process = try await machine.property("MainPID", of: Self.unit)
            try #require(try await machine.read("/proc/\(process)/limits").contains(#/Max open files +700 /#))
        }
    }

    @Test("A unit is killed at the point that an entry tells, and not because of one before")
    func killed() async throws {
        try await withMachine(label: "killed") { machine in
            let program = #"trap 'echo half; sleep 5; echo whole' HUP; echo half; while :; do sleep 0.05; done"#
            try await machine.unit(Self.unit, "[Service]\nExecStart=/bin/sh -c \"\(program)\"\n")
            try await machine.start(Self.unit)
            try await machine.waitForEntry(["MESSAGE": "half"])
            try await machine.kill(Self.unit, when: ["MESSAGE": "half"]) {
                try #require(try await machine.property("ActiveState", of: Self.unit) == "active")
                // The shell alone: a signal to the whole unit reaches the sleep that it has just begun, too.
                let shell = try await machine.property("MainPID", of: Self.unit)
                try await machine.command(["kill", "-HUP", shell]).run().successful()
            }
            try await machine.wait(for: Self.unit, toBe: "failed")
            try #require(try await machine.property("Result", of: Self.unit) == "signal")
            try #require(try await machine.journal(["MESSAGE": "whole"]).isEmpty)
            await #expect(throws: WaitedInVain.self) {
                try await machine.kill(Self.unit, when: ["MESSAGE": "half"], within: .milliseconds(200)) {}
            }
        }
    }

    @Test("What has no process cannot lack descriptors, and says so")
    func noProcess() async throws {
        try await withMachine(label: "none") { machine in
            let error = await #expect(throws: FaultError.self) {
                try await machine.withoutDescriptors(of: "no-such.service") {}
            }
            #expect(error?.description.contains("no-such.service has no main process") == true)
        }
    }

    /// A machine with a unit that does something twenty times a second, and prints the name of the error when it cannot.
    private func withWorker(
        _ python: String,
        _ settings: String = "",
        _ body: (PrivateMachine) async throws -> Void
    ) async throws {
        try await withMachine(label: "worker") { machine in
            let program = """
                import errno, time
                while True:
                    try:
                        \(python)
                    except OSError as error:
                        print(errno.errorcode[error.errno])
                    time.sleep(0.05)
                """
            try await machine.write(program, to: "/usr/local/lib/worker.py")
            let start = "ExecStart=/usr/bin/python3 -u /usr/local/lib/worker.py\n"
            try await machine.unit(Self.unit, "[Service]\n\(start)\(settings)")
            try await machine.start(Self.unit)
            try await body(machine)
        }
    }
}

/// How the body of a fault ends.
enum Ending: CaseIterable {
    case returns
    case `throws`

    private struct End: Error {}

    /// Runs something that calls what it is given at its end.
    func end(_ fault: (() throws -> Void) async throws -> Void) async throws {
        switch self {
        case .returns:
            try await fault {}
        case .throws:
            await #expect(throws: End.self) { try await fault { throw End() } }
        }
    }
}

extension Machine {
    /// Waits until the worker has done something after now.
    fileprivate func waitForBeats() async throws {
        let before = try? await read("/run/beats")
        try await wait(for: "the worker to work") { (try? await read("/run/beats")) != before }
    }
}
