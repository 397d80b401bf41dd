import Testing

@testable import Systemd

/// What the variables mean, with no environment and no descriptor.
@Suite struct ListenVariablesTests {
    static let ownPID: CInt = 42
    static let ownID: UInt64 = 9554

    func read(_ variables: ListenVariables, ownID: UInt64? = Self.ownID) throws(ActivationError) -> PassedDescriptors {
        try variables.descriptors(forProcess: Self.ownPID, ownPidfdID: { ownID })
    }

    @Test func descriptorsCountFromThreeAndCarryTheirNames() throws {
        let passed = try read(ListenVariables(pid: "42", count: "2", names: "http:admin"))
        #expect(Array(passed.numbers) == [3, 4])
        #expect(passed.name(of: 3) == "http")
        #expect(passed.name(of: 4) == "admin")
    }

    @Test func withoutNamesEachIsUnknown() throws {
        let passed = try read(ListenVariables(pid: "42", count: "2"))
        #expect(passed.numbers.map(passed.name) == ["unknown", "unknown"])
    }

    @Test(arguments: [
        ListenVariables(),
        ListenVariables(count: "1", names: "http"),
        ListenVariables(pid: "42"),
        ListenVariables(pid: "43", count: "1", names: "http"),
        ListenVariables(pid: "43", count: "abc", names: "a:b"),
        ListenVariables(pid: "42", pidfdID: "1", count: "1"),
    ])
    func absentOrMeantForAnotherProcessIsNothing(variables: ListenVariables) throws {
        #expect(try read(variables).count == 0)
    }

    @Test(arguments: [
        (ListenVariables(pid: "43", count: "1"), Misaddressing.process(43)),
        (ListenVariables(pid: "43", count: "abc"), .process(43)),
        (ListenVariables(pid: "42", pidfdID: "1", count: "1"), .earlierProcess),
        (ListenVariables(pid: "42", count: "1"), nil), (ListenVariables(), nil),
        // No descriptor is spoken of.
        (ListenVariables(pid: "43"), nil), (ListenVariables(pid: "42", pidfdID: "1"), nil),
    ])
    func whomTheyAreMeantForIsTold(variables: ListenVariables, misaddressing: Misaddressing?) throws {
        #expect(try read(variables).misaddressing == misaddressing)
    }

    @Test func anOwnPidfdIDIsAccepted() throws {
        #expect(try read(ListenVariables(pid: "42", pidfdID: "9554", count: "1")).count == 1)
    }

    @Test func aPidfdIDIsPassedOverWhereTheKernelCannotTell() throws {
        #expect(try read(ListenVariables(pid: "42", pidfdID: "1", count: "1"), ownID: nil).count == 1)
    }

    @Test(arguments: [
        ("LISTEN_PID", ListenVariables(pid: "", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: "0", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: "self", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: "+42", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: " 42", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: "2147483648", count: "1")),
        ("LISTEN_PID", ListenVariables(pid: "99999999999999999999", count: "1")),
        ("LISTEN_PIDFDID", ListenVariables(pid: "42", pidfdID: "", count: "1")),
        ("LISTEN_PIDFDID", ListenVariables(pid: "42", pidfdID: "0x10", count: "1")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "abc")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "-1")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "0")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "1 ")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "2147483645")),
        ("LISTEN_FDS", ListenVariables(pid: "42", count: "2147483648")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "1", names: "http:admin")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "2", names: "http")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "2", names: "")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "1", names: "http:")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "1", names: "a\nb")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "1", names: "grüße")),
        ("LISTEN_FDNAMES", ListenVariables(pid: "42", count: "1", names: String(repeating: "n", count: 256))),
    ])
    func garbageIsAnErrorThatNamesTheVariable(name: String, variables: ListenVariables) throws {
        let error = try #require(throws: ActivationError.self) { try read(variables) }
        #expect(error.description.hasPrefix("\(name)=\""))
        #expect(error.errorNumber == 22)
    }

    @Test func theHighestCountCostsNoMemory() throws {
        let passed = try read(ListenVariables(pid: "42", count: "2147483644"))
        #expect(passed.numbers.upperBound == CInt.max)
    }

    @Test func anEmptyNameIsAName() throws {
        let passed = try read(ListenVariables(pid: "42", count: "2", names: ":b"))
        #expect(passed.numbers.map(passed.name) == ["", "b"])
    }

    @Test func theErrorIsOneBoundedLineOfPrintableASCII() throws {
        let value = "\u{1B}[31m\n\"" + String(repeating: "ü", count: 5_000)
        let error = try #require(throws: ActivationError.self) {
            try read(ListenVariables(pid: "42", count: value))
        }
        #expect(error.description.hasPrefix(#"LISTEN_FDS="\u{1B}[31m\n\"\u{00FC}"#))
        #expect(error.description.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
        #expect(error.description.utf8.count < 1_000)
    }
}
