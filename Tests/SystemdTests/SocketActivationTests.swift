import CSystemd
import Glibc
import Testing

@testable import Systemd

/// A really spawned process that is given real descriptors.
@Suite struct SocketActivationTests {
    /// What a manager sets for `count` descriptors.
    func variables(_ count: Int, names: String? = nil) -> [String: String] {
        var variables = ["LISTEN_PID": "$$", "LISTEN_FDS": "\(count)"]
        variables["LISTEN_FDNAMES"] = names
        return variables
    }

    func lines(
        _ variables: [String: String],
        passing descriptors: [TestDescriptor] = [],
        command: String = "receive"
    ) throws -> [String] {
        let lines = try Probe(command, variables, passing: descriptors).lines()
        #expect(lines.value("left") == "", "the variables are removed, whatever was in them")
        return lines
    }

    @Test func listenersOfEachKindArriveByNameAndAreMadeFit() throws {
        try withSocketDirectory { directory in
            let sockets = [
                try Sockets.ipv4(), try Sockets.ipv6(), try Sockets.unix("\(directory)/socket"),
                try Sockets.unix("@systemd-tests-\(getpid())"),
            ]
            let addresses = try sockets.map { try #require(SocketAddress(of: $0.number)).text }
            // They leave here blocking, and dup2 cleared close-on-exec on what is passed.
            for socket in sockets { #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK == 0) }

            let lines = try lines(variables(4, names: "http:http6:local:hidden"), passing: sockets)
            let fit = "cloexec=true nonblock=true"
            #expect(
                lines == [
                    "count=4",
                    "socket=3 name=http kind=ipv4 address=\(addresses[0]) \(fit)",
                    "socket=4 name=http6 kind=ipv6 address=\(addresses[1]) \(fit)",
                    "socket=5 name=local kind=unix address=\(directory)/socket \(fit)",
                    "socket=6 name=hidden kind=unix address=@systemd-tests-\(getpid()) \(fit)",
                    "empty=true",
                    "left=",
                ]
            )
            #expect(addresses[0].hasPrefix("127.0.0.1:"))
            #expect(addresses[1].hasPrefix("[::1]:"))
            for socket in sockets { #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK != 0) }
        }
    }

    @Test func theQueueStaysAsTheManagerSetIt() throws {
        let socket = try Sockets.ipv4(queue: 1_234)
        let before = try socket.queueLength()
        #expect(before > 128, "else the test could not tell")
        #expect(try lines(variables(1), passing: [socket]).value("count") == "1")
        #expect(try socket.queueLength() == before)
        #expect(try socket.option(SO_ACCEPTCONN) == 1)
    }

    @Test func socketsThatAreNotTakenAreClosedAndStillListenElsewhere() throws {
        let sockets = [try Sockets.ipv4(), try Sockets.ipv4(), try Sockets.ipv6()]
        #expect(try lines(variables(3), passing: sockets, command: "abandon").value("open") == "[]")
        for socket in sockets { #expect(try socket.option(SO_ACCEPTCONN) == 1) }
    }

    @Test func aSecondCallGetsNothing() throws {
        let lines = try lines(variables(1), passing: [try Sockets.ipv4()], command: "receive-twice")
        #expect(lines.filter { $0.hasPrefix("count=") } == ["count=1", "count=0"])
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "$$"], ["LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a"],
    ])
    func variablesOfAnotherProcessLeaveTheDescriptorsAlone(variables: [String: String]) throws {
        let lines = try lines(variables, passing: [try Sockets.ipv4()])
        #expect(lines == ["count=0", "empty=true", "left="])
    }

    @Test(arguments: ["abc", "-1", "0", "2147483648", ""])
    func aCountThatIsNoneIsAnError(count: String) throws {
        let lines = try lines(["LISTEN_PID": "$$", "LISTEN_FDS": count], passing: [try Sockets.ipv4()])
        #expect(try #require(lines.value("error")).hasPrefix("LISTEN_FDS=\"\(count)\" is not a number of descriptors"))
    }

    @Test func aProcessIDThatIsNoneIsAnError() throws {
        let lines = try lines(["LISTEN_PID": "me", "LISTEN_FDS": "1"], passing: [try Sockets.ipv4()])
        #expect(try #require(lines.value("error")).hasPrefix("LISTEN_PID=\"me\" is not a process id"))
    }

    @Test(arguments: ["http:admin", ""])
    func namesThatDoNotMatchTheCountAreAnError(names: String) throws {
        let sockets = [try Sockets.ipv4(), try Sockets.ipv4(), try Sockets.ipv4()]
        let lines = try lines(variables(3, names: names), passing: sockets)
        #expect(try #require(lines.value("error")).hasPrefix("LISTEN_FDNAMES=\"\(names)\" names "))
    }

    @Test(arguments: [("receive-own-pidfd", "1"), ("receive-other-pidfd", "0")])
    func theProcessIsToldApartByItsPidfdToo(command: String, count: String) throws {
        let lines = try lines(variables(1), passing: [try Sockets.ipv4()], command: command)
        // Where the kernel cannot tell, the variable is passed over.
        #expect(lines.value("count") == (lines.value("pidfs") == "true" ? count : "1"))
    }

    /// What may come instead of a listening stream socket, with what is said of it.
    enum Misfit: String, CaseIterable {
        case nothing = "is not open (EBADF)"
        case file = "is not a socket"
        case datagram = "is a datagram socket"
        case packets = "is not a stream socket"
        case connection = "is a connection, not a listening socket"
        case silent = "is a stream socket that does not listen"

        func descriptor(_ directory: String) throws -> TestDescriptor? {
            switch self {
            case .nothing: nil
            case .file: try TestDescriptor(creat("\(directory)/file", 0o600))
            case .datagram: try Sockets.ipv4(type: Sockets.datagram, queue: nil)
            case .packets: try Sockets.unix("\(directory)/socket", type: CInt(SOCK_SEQPACKET.rawValue))
            case .connection: try Sockets.pair().0
            case .silent: try Sockets.ipv4(queue: nil)
            }
        }
    }

    @Test(arguments: Misfit.allCases)
    func whatIsNoListeningStreamSocketIsAnError(misfit: Misfit) throws {
        try withSocketDirectory { directory in
            let fit = try Sockets.ipv4()
            let descriptors = [fit, try misfit.descriptor(directory)].compactMap { $0 }
            let lines = try lines(variables(2, names: "fit:misfit"), passing: descriptors)
            let error = try #require(lines.value("error"))
            #expect(error.hasPrefix("inherited descriptor 4 (\"misfit\") \(misfit.rawValue)"))
            // Nothing was changed before all were looked at.
            #expect(fcntl(fit.number, F_GETFL) & O_NONBLOCK == 0)
        }
    }

    @Test(.enabled(if: Sockets.vsock() != nil, "the kernel has no AF_VSOCK"))
    func aListenerOfAnotherFamilyIsAnError() throws {
        let lines = try lines(variables(1), passing: [try #require(Sockets.vsock())])
        #expect(try #require(lines.value("error")).contains("is of address family 40"))
    }
}
