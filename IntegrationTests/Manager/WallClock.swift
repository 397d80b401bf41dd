import Foundation
import Synchronization

extension Machine {
    /// Gives a unit's processes a wall clock of their own, which `body` steps while they run.
    ///
    ///     try await machine.withWallClock(of: "my.service") { clock in
    ///         try await machine.start("my.service")
    ///         try await clock.step(by: .seconds(3600))
    ///     }
    ///
    /// It is not the machine's clock that is stepped, for that is the host's, but what the processes are told: a library is
    /// preloaded into those that start from now on, through which they see CLOCK_REALTIME and its likes. CLOCK_MONOTONIC and
    /// CLOCK_BOOTTIME are as ever. So are file times, and what systemd, the journal and every other process see.
    ///
    /// - What asks the kernel without libc sees the true time: a program that is linked statically, or Go's.
    /// - A wait for an instant of the wall clock that has begun before a step lasts as long as it would have without:
    ///   there is no `TFD_TIMER_CANCEL_ON_SET`.
    /// - The library lies in `/usr/local/lib/systemd-test-kit`, which the unit's sandbox has to show.
    ///
    /// Afterwards, processes that still run have the true time again, and those that start know nothing of it.
    public func withWallClock<Result>(
        of unit: String,
        _ body: (WallClock) async throws -> Result
    ) async throws -> Result {
        let clock = WallClock(machine: self, unit: Self.unitName(unit))
        return try await during {
            try await clock.preload()
        } body: {
            try await body(clock)
        } takingBack: {
            try await clock.remove()
        }
    }
}

/// The wall clock of a unit's processes: see ``Machine/withWallClock(of:_:)``.
public final class WallClock: Sendable {
    private struct State {
        var offset: Duration = .zero
        var slot: UInt8 = 0
    }

    private let machine: any Machine
    private let unit: String
    private let directory: String
    private let state = Mutex(State())

    init(machine: any Machine, unit: String) {
        self.machine = machine
        self.unit = unit
        directory = "/usr/local/lib/systemd-test-kit/clock-\(UInt32.random(in: 0...UInt32.max))"
    }

    /// How far it is ahead of the true one.
    public var offset: Duration { state.withLock { $0.offset } }

    /// Steps it, at once and for all of the unit's processes: forwards, or backwards where `step` is negative.
    /// - Throws: ``FaultError`` when the unit runs and its main process has the true clock.
    public func step(by step: Duration) async throws {
        try await checkMainProcess()
        try await set(offset + step)
    }

    func preload() async throws {
        let library = "\(directory)/wall-clock.so"
        let make = """
            set -eu
            mkdir -p -- "$1"
            head -c 24 /dev/zero >"$1/offset"
            chmod 644 "$1/offset"
            [ ! -e "$2" ] || cp -- "$2" "$1"
            """
        try await machine.command(["sh", "-c", make, "make", directory, WallClockLibrary.installed]).run().successful()
        if try await !machine.command(["test", "-e", library]).run().isSuccess {
            try await WallClockLibrary.compiled { file in try await machine.install(file, to: library) }
        }
        // Beside what the unit preloads itself.
        let variables = try await machine.property("Environment", of: unit).split(separator: " ")
        let others = variables.last { $0.hasPrefix("LD_PRELOAD=") }
        let preload = others.map { "\($0):\(library)" } ?? "LD_PRELOAD=\(library)"
        let environment = #"Environment="\#(preload)" "SYSTEMD_TEST_KIT_CLOCK=\#(directory)/offset""#
        try await machine.dropIn(unit, Self.dropIn, "[Service]\n\(environment)\n")
    }

    func remove() async throws {
        // What runs on keeps the file that it has mapped.
        if try await machine.command(["test", "-e", "\(directory)/offset"]).run().isSuccess { try await set(.zero) }
        let remove = """
            rm -rf -- "$1" "$2/$3.conf"
            for directory in "$(dirname -- "$1")" "$2"; do
                [ ! -d "$directory" ] || rmdir --ignore-fail-on-non-empty -- "$directory"
            done
            """
        let arguments = [directory, "/run/systemd/system/\(unit).d", Self.dropIn]
        try await machine.command(["sh", "-c", remove, "remove"] + arguments).run().successful()
        try await machine.systemctl("daemon-reload")
    }

    private static let dropIn = "zz-wall-clock"

    /// Writes the offset that is not in use, and then which is: no process ever sees half of one.
    private func set(_ offset: Duration) async throws {
        let slot = state.withLock { state in
            state = State(offset: offset, slot: 1 - state.slot)
            return state.slot
        }
        let nanoseconds = Int64(offset / .nanoseconds(1))
        let bytes = withUnsafeBytes(of: nanoseconds) { Data($0) } + [slot]
        let write = """
            set -eu
            dd of="$1" bs=8 count=1 seek="$2" conv=notrunc iflag=fullblock status=none
            dd of="$1" bs=1 count=1 conv=notrunc status=none
            """
        let arguments = ["sh", "-c", write, "write", "\(directory)/offset", "\(1 + slot)"]
        try await machine.command(arguments, input: .data(bytes)).run().successful()
    }

    /// A library that cannot be preloaded is left out, and the test would be one of nothing.
    private func checkMainProcess() async throws {
        let mark = "/\((directory as NSString).lastPathComponent)/offset"
        let look = #"[ "$1" = 0 ] || grep -q -F -e "$2" "/proc/$1/maps""#
        do {
            // One that has only just begun has not loaded anything yet.
            try await machine.waiting(for: "\(unit) to have a wall clock of its own", within: .seconds(2)) {
                let process = try await machine.property("MainPID", of: unit)
                let found = try await machine.command(["sh", "-c", look, "look", process, mark]).run()
                return (found.isSuccess ? () : nil, "process \(process) has not")
            }
        } catch let error as WaitedInVain {
            let advice = "was it started before, is it linked statically, or does its sandbox hide \(directory)?"
            throw FaultError("\(error.description): \(advice)")
        }
    }
}
