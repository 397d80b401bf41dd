import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("Messages")
struct MessageTests {
    @Test(
        "a date is an IMF-fixdate (RFC 9110 section 5.6.7)",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
            // 2100 is no leap year.
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
    )
    func dates(seconds: Int, text: String) {
        #expect(HTTPDate.format(secondsSince1970: seconds) == text)
    }

    @Test("the date of every day of 400 years follows the one before it")
    func everyDay() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        var days = 0
        var wrong = 0
        for year in 1970..<2370 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in 0..<12 {
                for day in 1...(lengths[month] + (month == 1 && isLeap ? 1 : 0)) {
                    let date =
                        "\(weekdays[days % 7]), \(day < 10 ? "0" : "")\(day) \(names[month]) \(year) 00:00:00 GMT"
                    if HTTPDate.format(secondsSince1970: days * 86400) != date { wrong += 1 }
                    days += 1
                }
            }
        }
        #expect(wrong == 0)
        #expect(days == 146_097)
    }

    @Test("a request identifier is 32 hexadecimal digits, each one new, in text as in bytes")
    func requestIDs() {
        var generator = RequestIDGenerator()
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let id = generator.next()
            var buffer = OutputBuffer()
            id.write(into: &buffer)
            #expect(String(decoding: buffer.bytes, as: UTF8.self) == id.description)
            #expect(id.description.utf8.count == 32)
            #expect(id.description.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
            seen.insert(id.description)
        }
        #expect(seen.count == 1000)
        #expect("\(RequestID.generated(high: 0x0123_4567_89ab_cdef, low: 0xf))" == "0123456789abcdef000000000000000f")
        #expect("\(RequestID.caller("abc"))" == "abc")
        var other = RequestIDGenerator()
        let (mine, theirs) = (generator.next(), other.next())
        #expect(mine != theirs)
    }

    private static func encoded(
        _ response: Response,
        _ persistence: ResponseEncoder.Persistence = .stays,
        withoutBody: Bool = false
    ) -> String {
        var buffer = OutputBuffer()
        ResponseEncoder.encode(
            response,
            id: .caller("id-1"),
            date: Array("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".utf8),
            persistence: persistence,
            withoutBody: withoutBody,
            into: &buffer
        )
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    @Test("an answer is these octets")
    func octets() {
        let json = Response(status: .ok, contentType: "application/json", body: Array(#"{"Hello":"World"}"#.utf8))
        let head = """
            HTTP/1.1 200 OK\r
            Content-Type: application/json\r
            Content-Length: 17\r
            Date: Sun, 06 Nov 1994 08:49:37 GMT\r
            X-Request-ID: id-1\r

            """
        #expect(Self.encoded(json) == head + "\r\n{\"Hello\":\"World\"}")
        #expect(Self.encoded(json, .closes) == head + "Connection: close\r\n\r\n{\"Hello\":\"World\"}")
        #expect(Self.encoded(json, .staysForHTTP10) == head + "Connection: keep-alive\r\n\r\n{\"Hello\":\"World\"}")
        #expect(Self.encoded(json, withoutBody: true) == head + "\r\n")
    }

    @Test("an answer without content says no length (RFC 9110 section 8.6), and one with fields says them")
    func otherAnswers() {
        let options = Response(noContentWith: [.allow: "GET, HEAD"])
        #expect(Self.encoded(options).hasPrefix("HTTP/1.1 204 No Content\r\nAllow: GET, HEAD\r\nDate: "))
        let empty = Response(status: .ok, contentType: "text/plain", body: [])
        #expect(Self.encoded(empty).contains("\r\nContent-Length: 0\r\n"))
        let quoted = Response(status: .notFound, detail: #"a "b" \c"#)
        #expect(Self.encoded(quoted).hasSuffix(#"{"detail":"a \"b\" \\c"}"#))
    }

    @Test("every refusal has an error's status, a name of its own and a text that is safe in JSON")
    func refusals() {
        for refusal in Refusal.allCases {
            #expect((400..<600).contains(refusal.status.code))
            #expect(!refusal.status.reasonPhrase.isEmpty)
            #expect(
                refusal.detail.firstMatch(of: /\((RFC [0-9]{4}|proxy-protocol.txt) section [0-9.]+\)\.$/) != nil,
                "\(refusal)"
            )
            #expect(!refusal.detail.contains { $0 == "\"" || $0 == "\\" || $0.isNewline })
            #expect(
                refusal.rawValue.utf8.allSatisfy {
                    (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
                }
            )
            #expect(ServerAnswers.refusal(refusal).status == refusal.status)
        }
        #expect(Set(Refusal.allCases.map(\.rawValue)).count == Refusal.allCases.count)
        #expect(Set(Refusal.allCases.map(\.detail)).count == Refusal.allCases.count)
    }

    @Test("a traceparent is taken if it is valid (W3C Trace Context, section 3.2)")
    func traceParents() throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let span = "00f067aa0ba902b7"
        let parsed = try #require(TraceParent("00-\(trace)-\(span)-01"))
        #expect(parsed.traceID == trace)
        #expect(parsed.parentID == span)
        #expect(parsed.flags == "01")
        // A later version may have more parts.
        #expect(TraceParent("cc-\(trace)-\(span)-00") != nil)
        #expect(TraceParent("cc-\(trace)-\(span)-00-what-ever") != nil)
        let zeros = String(repeating: "0", count: 32)
        let bad = [
            "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-01-a", "00-\(trace)-\(span)-01-",
            "ff-\(trace)-\(span)-01",
            "00-\(zeros)-\(span)-01", "00-\(trace)-0000000000000000-01", "00-\(trace.uppercased())-\(span)-01",
            "00-\(trace)-\(span.uppercased())-01", "0-\(trace)-\(span)-01", "00-\(trace)0-\(span)-01",
            "00-\(trace)-\(span)0-01",
            "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-0g", "00_\(trace)_\(span)_01", " 00-\(trace)-\(span)-01",
            "0G-\(trace)-\(span)-01", "00-\(trace.dropLast())é-\(span)-01",
        ]
        for text in bad { #expect(TraceParent(text) == nil, "\(text)") }
    }
}
