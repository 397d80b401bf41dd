import Testing

@testable import SystemdTestKit

/// How long a machine may take to boot, and what is said of one that does not.
@Suite struct BootTests {
    @Test("What is installed in between takes nothing from the time that a boot has")
    func deadline() async throws {
        var deadline = Deadline(in: .seconds(100))
        #expect(deadline.left <= .seconds(100) && deadline.left > .seconds(50))
        try await Task.sleep(for: .milliseconds(20))
        #expect(deadline.left <= .seconds(100) - .milliseconds(20))
        deadline.extend(by: .seconds(500))
        #expect(deadline.left > .seconds(500))
        deadline.extend(by: .seconds(-700))
        #expect(deadline.hasPassed && deadline.left == .zero)
    }

    @Test("A machine whose units never start is given up after its time, which is one for all steps")
    func hanging() async throws {
        let started = ContinuousClock.now
        let error = await #expect(throws: MachineError.self) {
            try await PrivateMachine.with(label: "hangs", bootTimeout: .seconds(5)) { tree in
                // Longer than the whole boot may take.
                try await Task.sleep(for: .seconds(6))
                let units = "/etc/systemd/system"
                let hangs = "[Service]\nType=oneshot\nExecStart=sleep infinity\n"
                try await tree.write(hangs, to: "\(units)/hangs.service")
                try await tree.write(
                    "[Unit]\nRequires=hangs.service\nAfter=hangs.service\n",
                    to: "\(units)/multi-user.target.d/hangs.conf"
                )
            } body: { _ in
            }
        }
        #expect(error?.description.contains("5.0 seconds were over before ") == true)
        // Both, and nothing else.
        let took = ContinuousClock.now - started
        #expect(took >= .seconds(11) && took < .seconds(30))
    }
}
