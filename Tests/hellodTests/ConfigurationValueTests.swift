import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationValueTests {
    @Test(arguments: [
        ("0", Duration.zero), ("0s", .zero), ("1", .seconds(1)), ("0.25", .milliseconds(250)),
        ("250ms", .milliseconds(250)),
        ("1s", .seconds(1)), ("2min", .seconds(120)), ("1h", .seconds(3600)), ("50us", .microseconds(50)),
        ("1.5h", .seconds(5400)), ("0.000000001", .nanoseconds(1)), ("0.001us", .nanoseconds(1)),
        ("1.50", .milliseconds(1500)),
        ("0.1", .milliseconds(100)), ("007", .seconds(7)), ("1.0000000000", .seconds(1)),
        ("9223372036", .seconds(9_223_372_036)),
    ])
    func `reads a duration exactly`(text: String, expected: Duration) {
        #expect(Duration(settingText: text) == expected)
    }

    @Test(arguments: [
        "", "s", ".5", "1.", "-1", "+1", "1e3", "inf", "nan", "0x10", "1 s", " 1s", "1s ", "1m", "1sec", "1S", "1.2.3",
        "1_000", "1,5", "٣s", "1s\u{0}", "0.0000000001", "9223372037", "99999999999999999999", "9223372036854775807h",
    ])
    func `refuses what is no duration`(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.seconds(75), "75s"), (.seconds(60), "1min"), (.seconds(7200), "2h"),
        (.milliseconds(1500), "1500ms"), (.microseconds(50), "50us"), (.nanoseconds(1), "0.001us"),
        (.nanoseconds(1_000_000_010), "1000000.010us"),
    ])
    func `writes a duration so that it reads back`(duration: Duration, expected: String) {
        #expect(duration.settingText == expected)
        #expect(Duration(settingText: expected) == duration)
    }

    @Test(arguments: [
        ("0", 0), ("8192", 8192), ("64K", 65536), ("64KiB", 65536), ("1M", 1_048_576), ("1MiB", 1_048_576),
        ("1G", 1 << 30),
        ("12B", 12),
    ])
    func `reads a size`(text: String, expected: Int) {
        #expect(parseSize(text) == expected)
        #expect(parseSize(sizeText(expected)) == expected)
    }

    @Test(arguments: ["", "K", "-1", "1.5K", "64k", "64KB", "1 K", "99999999999999999999", "9223372036854775807K", "٣"])
    func `refuses what is no size`(text: String) {
        #expect(parseSize(text) == nil)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\", #""a\"b\\""#), ("a\nb\tc\r", #""a\nb\tc\r""#),
        ("\u{1B}[31m", #""\u{1b}[31m""#),
        ("\u{202E}x", #""\u{202e}x""#), ("\u{9B}x", #""\u{9b}x""#), ("naïve", #""naïve""#),
    ])
    func `escapes what could move a cursor or forge a line`(text: String, expected: String) {
        #expect(quoted(text) == expected)
    }

    @Test func `bounds what it quotes`() {
        #expect(quoted(String(repeating: "x", count: 100_000)).count == 83)
    }

    @Test(arguments: [
        ("greting.delay", "greeting.delay"), ("timeouts.keep-alive", "timeouts.keep_alive"), ("LOG.LEVEL", "log.level"),
        ("lissten", "listen"),
    ])
    func `suggests the nearest key`(word: String, expected: String) {
        #expect(suggestion(for: word, among: schema.settings.map(\.key)) == expected)
    }

    @Test(arguments: ["", "zzz", "upstreams", String(repeating: "listen", count: 1000)])
    func `suggests nothing for a word that is near none`(word: String) {
        #expect(suggestion(for: word, among: schema.settings.map(\.key)) == nil)
    }
}
