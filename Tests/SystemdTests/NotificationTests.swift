import Testing

@testable import Systemd

/// What goes over the wire, with no manager.
@Suite struct NotificationTests {
    @Test(arguments: [
        (ServiceManager.Notification.ready, "READY=1\n"),
        (.stopping, "STOPPING=1\n"),
        (.watchdog, "WATCHDOG=1\n"),
        (.watchdogTrigger, "WATCHDOG=trigger\n"),
        (.errno(2), "ERRNO=2\n"),
        (.errno(-111), "ERRNO=111\n"),
        (.extendTimeout(.milliseconds(1_500)), "EXTEND_TIMEOUT_USEC=1500000\n"),
        (.extendTimeout(.nanoseconds(1_001)), "EXTEND_TIMEOUT_USEC=2\n"),
        (.extendTimeout(.zero), "EXTEND_TIMEOUT_USEC=1\n"),
        (.extendTimeout(.seconds(-5)), "EXTEND_TIMEOUT_USEC=1\n"),
        (.extendTimeout(.seconds(Int64.max)), "EXTEND_TIMEOUT_USEC=9223372036854775807\n"),
        (.reloading(monotonicMicroseconds: 7), "RELOADING=1\nMONOTONIC_USEC=7\n"),
        (.status("42 in work"), "STATUS=42 in work\n"),
        (.status(""), "STATUS=\n"),
        (.status("a\nREADY=1\r\nb\tc\u{2028}d\u{85}e\u{0}f"), "STATUS=a READY=1 b c d e f\n"),
    ])
    func isWrittenAsTheProtocolSays(notification: ServiceManager.Notification, text: String) {
        #expect(notification.text == text)
    }

    @Test func aReloadCarriesTheTimeItBegan() throws {
        let before = Monotonic.microseconds()
        let text = ServiceManager.Notification.reloading.text
        let after = Monotonic.microseconds()
        let time = try #require(text.split(separator: "\n").last?.split(separator: "=").last.flatMap { UInt64($0) })
        #expect((before...after).contains(time))
    }

    @Test(arguments: ["x", "ü", "👩‍👩‍👧‍👦"])
    func aLongStatusIsCutBetweenCharacters(character: Character) {
        let text = ServiceManager.Notification.status(String(repeating: character, count: 2_000)).text
        let status = text.dropFirst("STATUS=".count).dropLast()
        #expect(status.utf8.count <= 1_024)
        #expect(status.utf8.count + character.utf8.count > 1_024)
        #expect(status.allSatisfy { $0 == character })
    }

    @Test(arguments: [
        ("/run/systemd/notify", Array("/run/systemd/notify".utf8)),
        ("@abstract", [0] + Array("abstract".utf8)),
        ("@" + String(repeating: "x", count: 106), [0] + Array(repeating: UInt8(ascii: "x"), count: 106)),
    ])
    func anAddressIsAPathOrAnAbstractName(value: String, path: [UInt8]) throws {
        #expect(try NotifyAddress(Array(value.utf8)).path == path)
    }

    @Test(arguments: ["", "/", "@", "run/notify", "vsock:2:9999", "/" + String(repeating: "x", count: 107)])
    func anythingElseIsAnError(value: String) throws {
        let error = try #require(throws: NotificationError.self) { try NotifyAddress(Array(value.utf8)) }
        #expect(error.description.hasPrefix("NOTIFY_SOCKET=\"\(value)\" "))
    }

    @Test(arguments: [
        (Duration.zero, Int64(0)),
        (.nanoseconds(1), 1),
        (.nanoseconds(-1), 0),
        (.microseconds(-2), -2),
        (.seconds(3), 3_000_000),
    ])
    func microsecondsAreRoundedUp(duration: Duration, expected: Int64) {
        #expect(duration.wholeMicroseconds == expected)
    }
}
