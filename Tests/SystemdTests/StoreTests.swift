import CSystemd
import Glibc
import Testing

@testable import Systemd

@Suite("Descriptors sent through a socket pair")
struct DescriptorSenderTests {
    /// A sender, and its receiving end as it would come back from the store.
    private func pair() throws -> (sender: DescriptorSender, receiving: CInt) {
        let sender = try DescriptorSender()
        let end = fcntl(try #require(sender.receivingEnd), F_DUPFD_CLOEXEC, 3)
        try #require(end >= 0)
        return (sender, end)
    }

    private func isSameFile(_ left: CInt, _ right: CInt) -> Bool {
        var (one, other) = (stat(), stat())
        return fstat(left, &one) == 0 && fstat(right, &other) == 0 && one.st_ino == other.st_ino
    }

    @Test("arrive with their octets, in order, close-on-exec, as many as a message takes")
    func arrive() throws {
        let (sender, receiving) = try pair()
        var ends: [CInt] = [-1, -1]
        try #require(pipe2(&ends, O_CLOEXEC) == 0)
        defer { for end in ends { close(end) } }
        let many = Array(repeating: ends[0], count: DescriptorSender.descriptorsAMessage)
        #expect(sender.send([1, 2, 3], [ends[0], ends[1]]) == .sent)
        #expect(sender.send([UInt8](repeating: 7, count: DescriptorSender.octetsAMessage), many) == .sent)
        #expect(sender.send([4], []) == .sent)

        var receiver = DescriptorReceiver(StoredDescriptor(owning: receiving, name: "x"))
        let first = try #require(try receiver.next())
        #expect(first.octets == [1, 2, 3] && first.descriptors.count == 2)
        #expect(isSameFile(first.descriptors[0], ends[0]))
        #expect(first.descriptors.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        let second = try #require(try receiver.next())
        #expect(second.octets.count == DescriptorSender.octetsAMessage)
        #expect(second.descriptors.count == DescriptorSender.descriptorsAMessage)
        let third = try #require(try receiver.next())
        #expect(third.octets == [4] && third.descriptors.isEmpty)
        #expect(try receiver.next() == nil)
        for number in first.descriptors + second.descriptors { close(number) }
    }

    @Test("have a receiver until the last one lets go of its end, whenever that is")
    func lateRefusal() throws {
        let (sender, receiving) = try pair()
        let held = fcntl(receiving, F_DUPFD_CLOEXEC, 3)
        sender.letGo()
        close(receiving)
        #expect(sender.hasReceiver)
        close(held)
        #expect(!sender.hasReceiver)
    }

    @Test("wait for a receiver after the sender has gone")
    func outlive() throws {
        var receiver: DescriptorReceiver
        do {
            let (sender, receiving) = try pair()
            #expect(sender.send([1], [0]) == .sent)
            receiver = DescriptorReceiver(StoredDescriptor(owning: receiving, name: "x"))
        }
        let message = try #require(try receiver.next())
        #expect(message.octets == [1] && message.descriptors.count == 1)
        #expect(try receiver.next() == nil)
        for number in message.descriptors { close(number) }
    }

    @Test("are refused whole when the queue is full, some hundreds of messages on")
    func full() throws {
        let (sender, receiving) = try pair()
        defer { close(receiving) }
        var sent = 0
        while sender.send([1], [0]) == .sent, sent < 100_000 { sent += 1 }
        #expect(sender.send([1], [0]) == .refused(errno: EAGAIN))
        #expect(sent >= 200)
    }
}

/// The file-descriptor store, with the test as the manager.
@Suite struct StoreTests {
    @Test func aStoredEndIsSentWithItsNameAndABarrierBehindIt() throws {
        try withSocketDirectory { directory in
            let manager = try Manager(at: "\(directory)/notify")
            let probe = try Probe("store", manager.environment)
            let stored = try manager.receive()
            #expect(stored.message == "FDSTORE=1\nFDNAME=connections\nFDPOLL=0\n")
            try #require(stored.descriptor != nil)
            // The barrier's end goes out of scope here, the stored one does not.
            #expect(try manager.receive().message == "BARRIER=1")
            #expect(try probe.lines().value("stored") == "true")
            withExtendedLifetime(stored) {}
        }
    }

    @Test func anEndThatTheManagerClosesIsNotStored() throws {
        try withSocketDirectory { directory in
            let manager = try Manager(at: "\(directory)/notify")
            let probe = try Probe("store", manager.environment)
            // Closed on return, before the barrier lets the probe look.
            let came = try receiveAndClose(manager)
            #expect(came)
            #expect(try manager.receive().message == "BARRIER=1")
            let stored = try probe.lines().value("stored")
            #expect(stored == "false")
        }
    }

    private func receiveAndClose(_ manager: Manager) throws -> Bool { try manager.receive().descriptor != nil }

    @Test func withoutAManagerNothingIsStored() throws {
        #expect(try Probe("store").lines().value("stored") == "false")
    }
}
