import Testing

@testable import SystemdTestKit

/// What a machine may be called.
@Suite struct NameTests {
    @Test("A label that makes a host name is one", arguments: ["m", "my-daemon", "Node2", "2nd"])
    func valid(label: String) throws {
        let name = try PrivateMachine.name(labelled: label)
        #expect(name.hasPrefix("\(label)-"))
        #expect(try PrivateMachine.name(labelled: label) != name)
    }

    @Test(
        "A label that makes none is refused before there is a machine, and named",
        arguments: ["", "my daemon", "a/b", "..", "-m", "ä", "a\nb", String(repeating: "long", count: 16)]
    )
    func invalid(label: String) async throws {
        let error = await #expect(throws: MachineError.self) { try await withMachine(label: label) { _ in } }
        #expect(error?.description.hasPrefix("a machine cannot be labelled '\(label)': ") == true)
    }

    @Test("What is missing is told without saying what for")
    func missing() {
        let error = MachineError.missing(["ip is not installed", "root is needed"])
        #expect(error.description == "something is missing here:\n  - ip is not installed\n  - root is needed")
    }
}
