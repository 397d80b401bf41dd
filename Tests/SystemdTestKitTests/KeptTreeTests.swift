import Foundation
import Testing

@testable import SystemdTestKit

/// A tree that is made once for all who want it.
@Suite struct KeptTreeTests {
    @Test("Of several who want a tree at once, one makes it, and nobody's is taken away")
    func together() async throws {
        try await withDirectory { directory in
            let tree = KeptTree(name: "suite", directory: directory, record: "what it has")
            let (made, continuation) = AsyncStream.makeStream(of: String.self)
            let inodes = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let root = try await tree.made(refresh: false) { path in
                            continuation.yield(path)
                            try Self.fill(path)
                            try await Task.sleep(for: .milliseconds(100))
                        }
                        return try Self.inode(root.path)
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            continuation.finish()
            #expect(await made.reduce(into: []) { $0.append($1) }.count == 1)
            #expect(inodes.count == 1)
            #expect(try Self.content(directory) == [".suite.lock", "suite"])
        }
    }

    @Test("A tree is made anew when that is asked for, or when it was made of something else")
    func anew() async throws {
        try await withDirectory { directory in
            let tree = KeptTree(name: "suite", directory: directory, record: "what it has")
            let none = try tree.current()
            #expect(none == nil)
            let first = try await inode(tree, refresh: false)
            let current = try tree.current()
            #expect(current?.name == "suite")
            let second = try await inode(tree, refresh: false)
            #expect(second == first)
            let third = try await inode(tree, refresh: true)
            #expect(third != first)
            let other = try KeptTree(name: "suite", directory: directory, record: "more").current()
            #expect(other == nil)
            #expect(try Self.content(directory) == [".suite.lock", "suite"])
        }
    }

    @Test("A tree that could not be made leaves nothing, and whoever waited makes it")
    func failed() async throws {
        try await withDirectory { directory in
            let tree = KeptTree(name: "suite", directory: directory, record: "what it has")
            await #expect(throws: CancellationError.self) {
                try await tree.made(refresh: false) { path in
                    try Self.fill(path)
                    throw CancellationError()
                }
            }
            #expect(try Self.content(directory) == [".suite.lock"])
            _ = try await tree.made(refresh: false) { try Self.fill($0) }
        }
    }

    @Test("Whoever waits for a lock gives up when told so, or after its time")
    func waiting() async throws {
        try await withDirectory { directory in
            let lock = try await FileLock("\(directory)/lock", for: "nobody", within: .zero)
            await #expect(throws: WaitedInVain.self) {
                _ = try await FileLock("\(directory)/lock", for: "another", within: .milliseconds(50))
            }
            let waiting = Task { _ = try await FileLock("\(directory)/lock", for: "another", within: .seconds(600)) }
            try await Task.sleep(for: .milliseconds(50))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            lock.release()
            try await FileLock("\(directory)/lock", for: "nobody", within: .seconds(60)).release()
        }
    }

    /// The tree's, made if it has to be.
    private func inode(_ tree: KeptTree, refresh: Bool) async throws -> UInt64 {
        let root = try await tree.made(refresh: refresh) { try Self.fill($0) }
        return try Self.inode(root.path)
    }

    private static func fill(_ path: String) throws {
        for directory in ["etc", "usr/lib/systemd"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(directory)", withIntermediateDirectories: true)
        }
        try "".write(toFile: "\(path)/usr/lib/systemd/systemd", atomically: false, encoding: .utf8)
    }

    private static func inode(_ path: String) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.systemFileNumber] as? NSNumber).uint64Value
    }

    private static func content(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}
