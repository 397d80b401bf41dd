import Foundation

/// The library that a unit's processes see their wall clock through.
///
/// It is compiled where it is needed, with the C compiler of the Swift toolchain or of the system: a package brings no shared
/// library along. libfaketime is no substitute: 0.9.10 moves absolute waits on CLOCK_MONOTONIC too, so that Python's
/// `time.sleep` fails after a step forwards and Swift's `Task.sleep` hangs after one back.
enum WallClockLibrary {
    /// Where a machine has it already, for tests that run in there: its tree may have no compiler.
    static let installed = "/usr/local/lib/systemd-test-kit/wall-clock.so"

    /// Compiles it, and hands over the file, which is gone afterwards.
    /// - Throws: ``FaultError`` where there is no compiler, and ``CommandError`` with what that said.
    static func compiled<Result>(_ body: (_ file: String) async throws -> Result) async throws -> Result {
        guard let compiler = Requirements.find("clang") ?? Requirements.find("cc") else {
            throw FaultError(
                "there is no C compiler for what steps a wall clock: have the Swift toolchain's clang in PATH, or"
                    + " apt install gcc libc6-dev"
            )
        }
        let file = "\(NSTemporaryDirectory())/wall-clock-\(UUID().uuidString).so"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let arguments = ["-std=c11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-x", "c", "-o", file, "-"]
        try await Command([compiler] + arguments, input: .data(Data(source.utf8))).run().successful()
        return try await body(file)
    }
}

extension MachineTree {
    /// Has ``Machine/withWallClock(of:_:)`` work for tests that run in the machine, whatever its tree lacks.
    package func installWallClock() async throws {
        try await WallClockLibrary.compiled { file in try await install(file, to: WallClockLibrary.installed) }
    }
}
