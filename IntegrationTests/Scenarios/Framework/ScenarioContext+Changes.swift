import Foundation
import Synchronization
import SystemdTestKit

/// Takes back one thing that a scenario changed.
typealias UndoStep = @Sendable () async throws -> Void

extension ScenarioContext {
    /// Has something done when the scenario is over, however it ends. Later steps come first.
    func afterwards(_ step: @escaping UndoStep) {
        undoing.withLock { $0.append(step) }
    }

    /// Gives a unit a drop-in for the time of the scenario, and has systemd read it.
    func dropIn(_ unit: String, _ name: String, _ text: String) async throws {
        try await installUnit("\(unit).d/zz-\(name).conf", text)
    }

    /// Gives systemd a unit for the time of the scenario. It is stopped when the scenario is over.
    func unit(_ name: String, _ text: String) async throws {
        try await installUnit(name, text)
        afterwards { [self] in
            try await systemctl("stop", name, checked: false)
            try await systemctl("reset-failed", name, checked: false)
        }
    }

    /// Writes a file for the time of the scenario, and the directories above it. What was there before comes back.
    func writeFile(_ path: String, _ text: String) async throws {
        let manager = FileManager.default
        let before = manager.contents(atPath: path)
        let directory = (path as NSString).deletingLastPathComponent
        // The topmost of what is made for it goes with it.
        var made = path
        while case let above = (made as NSString).deletingLastPathComponent, !manager.fileExists(atPath: above) {
            made = above
        }
        afterwards { [made] in
            if let before {
                try before.write(to: URL(fileURLWithPath: path))
            } else {
                try? FileManager.default.removeItem(atPath: made)
            }
        }
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func installUnit(_ file: String, _ text: String) async throws {
        afterwards { [self] in try await systemctl("daemon-reload") }
        try await writeFile("/run/systemd/system/\(file)", text)
        try await systemctl("daemon-reload")
    }

    /// Takes back everything, the last change first, and goes on when a step fails.
    /// - Returns: What went wrong.
    func undo() async -> [String] {
        var failures: [String] = []
        while let step = undoing.withLock({ $0.popLast() }) {
            do { try await step() } catch { failures.append("\(error)") }
        }
        return failures
    }
}
