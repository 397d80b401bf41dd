import Foundation
import Testing

@Suite("Allocations")
struct AllocationTests {
    @Test("a request allocates no more than it did", .timeLimit(.minutes(1)))
    func pinned() throws {
        let probe = Process()
        // Beside the test binary, where the package manager puts all products.
        let binary = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        probe.executableURL = binary.deletingLastPathComponent().appending(path: "allocation-probe")
        let output = Pipe()
        probe.standardOutput = output
        try probe.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        probe.waitUntilExit()
        #expect(probe.terminationStatus == 0, "\(text)")
        #expect(text.split(separator: "\n").count == 6)
    }
}
