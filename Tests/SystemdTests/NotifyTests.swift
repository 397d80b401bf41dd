import Glibc
import Testing

/// A process that notifies, and the test as its manager.
@Suite struct NotifyTests {
    func withManager(_ body: (Manager) throws -> Void) throws {
        try withSocketDirectory { try body(try Manager(at: "\($0)/notify")) }
    }

    func abstractName() -> String {
        "@systemd-tests-\(getpid())-\(UInt64.random(in: 0...(.max)))"
    }

    @Test func severalAssignmentsArriveInOneMessageAndNoneIsForged() throws {
        try withManager { manager in
            let lines = try Probe("ready", manager.environment).lines()
            #expect(lines.value("delivery") == "sent")
            #expect(try manager.receive().message == "READY=1\nSTATUS=Serving READY=1\n")
        }
    }

    @Test func anAbstractAddressWorksToo() throws {
        let manager = try Manager(at: abstractName())
        #expect(try Probe("ready", manager.environment).lines().value("delivery") == "sent")
        #expect(try manager.receive().message.hasPrefix("READY=1\n"))
    }

    @Test(arguments: ["ready", "barrier"])
    func withoutAManagerNothingIsSentAndNothingIsWrong(command: String) throws {
        #expect(try Probe(command).lines().value("delivery") == "notSupervised")
    }

    @Test(arguments: ["ready", "barrier"])
    func aManagerThatIsGoneIsAnError(command: String) throws {
        try withSocketDirectory { directory in
            let environment = try Manager(at: "\(directory)/notify").environment
            let error = try #require(try Probe(command, environment).lines().value("error"))
            #expect(error.hasPrefix("the service manager cannot be reached at NOTIFY_SOCKET=\"\(directory)/notify\""))
            #expect(error.hasSuffix("Connection refused (errno 111)"))
        }
        let nobody = try Probe(command, ["NOTIFY_SOCKET": abstractName()]).lines()
        #expect(try #require(nobody.value("error")).hasSuffix("(errno 111)"))
    }

    @Test(arguments: ["", "notify", "vsock:2:9999"])
    func anAddressThatIsNoneIsAnError(address: String) throws {
        let lines = try Probe("ready", ["NOTIFY_SOCKET": address]).lines()
        #expect(try #require(lines.value("error")).hasPrefix("NOTIFY_SOCKET=\"\(address)\" is neither"))
    }

    @Test(arguments: ["ready", "barrier"])
    func aFullQueueIsAnErrorAfterTheTimeGivenAndNothingIsSent(command: String) throws {
        try withManager { manager in
            let count = try manager.fill()
            let lines = try Probe("\(command) 200", manager.environment).lines()
            #expect(lines.value("error")?.contains("has not read its notifications for 0.2 seconds") == true)
            let milliseconds = try #require(lines.value("milliseconds").flatMap(Double.init))
            #expect((200..<5_000).contains(milliseconds))
            for _ in 0..<count { #expect(try manager.receive().message == "X=1") }
            #expect(manager.isEmpty)
        }
    }

    @Test func aNotificationWaitsForRoomAndThenArrives() throws {
        try withManager { manager in
            let count = try manager.fill()
            let probe = try Probe("ready 20000", manager.environment)
            #expect(try probe.nextLine() == "calling=1")
            #expect(!probe.isHeard(within: 100), "it waits while the queue is full")
            for _ in 0..<count { #expect(try manager.receive().message == "X=1") }
            #expect(try manager.receive().message.hasPrefix("READY=1\n"))
            #expect(try probe.lines().value("delivery") == "sent")
        }
    }

    @Test(.serialized, arguments: 0..<20)
    func threadsThatFillTheQueueTogetherAllComeBack(round: Int) throws {
        try withManager { manager in
            let capacity = try manager.fill()
            #expect(try manager.drain() == capacity)
            // More messages than there is room for, from several threads at once, and nobody reads.
            let lines = try Probe("storm 20", manager.environment).lines()
            #expect(lines.value("sent") == "\(capacity)")
            #expect(lines.value("refused") == "4")
            #expect(try manager.drain() == capacity)
        }
    }

    @Test func aBarrierEndsWhenTheManagerClosesItsDescriptor() throws {
        try withManager { manager in
            let probe = try Probe("barrier 20000", manager.environment)
            #expect(try probe.nextLine() == "calling=1")
            var (message, descriptor) = try manager.receive()
            #expect(message.hasPrefix("BARRIER=1"))
            #expect(descriptor != nil)
            #expect(!probe.isHeard(within: 100), "it waits while the manager holds the descriptor")
            descriptor = nil
            #expect(try probe.lines().value("delivery") == "sent")
        }
    }

    @Test func aBarrierThatNobodyLiftsIsAnErrorAfterTheTimeGiven() throws {
        try withManager { manager in
            let lines = try Probe("barrier 200", manager.environment).lines()
            let error = try #require(lines.value("error"))
            #expect(error == "the service manager has not processed the notifications within 0.2 seconds")
        }
    }
}
