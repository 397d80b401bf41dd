import Testing

@testable import HTTPEndpoints

@Suite("Reading JSON text")
struct JSONParsingTests {
    private func failure(_ octets: [UInt8]) -> JSONSyntaxError? {
        do throws(JSONSyntaxError) {
            _ = try JSON(parsing: octets)
            return nil
        } catch { return error }
    }

    @Test("a text becomes the value that it stands for, with its members in order")
    func value() throws {
        let text = #" {"b": [1, -0.5e+3, null, true, false], "a": {"": "é👋"}, "e": [], "o": {}} "#
        let wanted: JSON = [
            "b": [1, -500, .null, true, false], "a": ["": "é👋"], "e": [], "o": .object([]),
        ]
        #expect(try JSON(parsing: Array(text.utf8)) == wanted)
    }

    @Test(
        "whole numbers that Int holds are integers, others are not",
        arguments: [
            ("0", 0), ("-0", 0), ("1.0", 1), ("1e2", 100), ("-12E-1", .number(-1.2)), ("0.25", .number(0.25)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(0x1p63)), ("1e300", .number(1e300)), ("1e-999", 0),
        ] as [(String, JSON)]
    )
    func numbers(text: String, value: JSON) throws { #expect(try JSON(parsing: Array(text.utf8)) == value) }

    @Test("every escape is read, pairs of surrogates as one character")
    func escapes() throws {
        let text = #""\"\\\/\b\f\n\r\t\u00e9\u0000x\ud834\udd1E.""#
        #expect(try JSON(parsing: Array(text.utf8)) == "\"\\/\u{8}\u{c}\n\r\té\u{0}x𝄞.")
    }

    @Test(
        "an error tells where it is and what is wrong",
        arguments: [
            ("", 0, "the text ends where a value is expected"), (" nul", 1, "a value is expected"),
            ("\u{feff}{}", 0, "a value is expected"), ("{} x", 3, "nothing may follow the value"),
            ("[1 2]", 3, "',' or ']' is expected"), ("[1,]", 3, "a value is expected"),
            ("[1", 2, "the text ends before ']'"), ("{\"a\":1,}", 7, "a name in quotes is expected"),
            ("{\"a\" 1}", 5, "a colon is expected"), ("{\"a\":1,\"\\u0061\":2}", 7, "a name is given twice"),
            ("\"a", 2, "the text ends within a string"), ("\"a\n\"", 2, "a control character is not escaped"),
            ("\"\\x\"", 1, "an escape is not known"), ("\"\\u12g4\"", 5, "four hexadecimal digits are expected"),
            ("\"\\ud800\"", 1, "half of a surrogate pair stands alone"),
            ("\"\\udd1e\\ud834\"", 1, "half of a surrogate pair stands alone"), ("\"\\", 1, "an escape is not known"),
            ("01", 1, "nothing may follow the value"), ("-", 1, "a digit is expected"),
            ("1.e", 2, "a digit is expected"), ("1e+", 3, "a digit is expected"),
            ("[1e999]", 1, "a number is too large"),
        ]
    )
    func errors(text: String, offset: Int, reason: String) {
        #expect(failure(Array(text.utf8)) == JSONSyntaxError(offset: offset, reason: reason))
    }

    @Test("octets that are not UTF-8 are told by their place")
    func characters() {
        let wanted = JSONSyntaxError(offset: 3, reason: "a string is not UTF-8")
        #expect(failure([0x5b, 0x22, 0x61, 0xed, 0xa0, 0x80, 0x22, 0x5d]) == wanted)
        #expect(failure([0x5b, 0x22, 0x61, 0xff, 0x22, 0x5d]) == wanted)
    }

    @Test("a name is given once among many, too")
    func names() {
        let members = (0..<1_000).map { "\"\($0)\":0" }
        #expect(failure(Array("{\(members.joined(separator: ","))}".utf8)) == nil)
        for again in ["0", "7", "8", "999"] {
            let text = "{\(members.joined(separator: ",")),\"\(again)\":0}"
            #expect(failure(Array(text.utf8))?.reason == "a name is given twice")
        }
    }

    @Test("names are told apart by their octets, and are not long")
    func octetsOfNames() {
        #expect(failure(Array("{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)) == nil)
        #expect(failure(Array("{\"\(String(repeating: "x", count: 1_024))\":1}".utf8)) == nil)
        let long = JSONSyntaxError(offset: 1, reason: "a name is too long")
        #expect(failure(Array("{\"\(String(repeating: "x", count: 1_025))\":1}".utf8)) == long)
    }

    @Test("the time to read and check grows with the length, whatever is in the text")
    func time() throws {
        struct Sized: Codable {
            enum Size: String, Codable, CaseIterable { case s }
            var size: Size
        }
        let schema = Schema.of(Sized.self).schema
        let marks = String(repeating: "\u{301}\u{323}", count: 200_000)
        let escapes = String(repeating: "\\u00e9x", count: 200_000)
        let time = try ContinuousClock().measure {
            for text in ["s\(marks)", escapes] {
                let json = try JSON(parsing: Array(#"{"size":"\#(text)"}"#.utf8))
                #expect(json.issues(against: schema, at: ["body"]).count == 1)
            }
        }
        // The square of it takes minutes.
        #expect(time < .seconds(10))
    }

    @Test("values are nested 64 deep and no deeper, however long the text")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(failure(nested(64)) == nil)
        #expect(failure(nested(65))?.offset == 64)
        #expect(failure(Array(repeating: 0x5b, count: 1_000_000))?.offset == 64)
    }

    @Test("what is written is read as it was, and its beginning never is")
    func randomValues() throws {
        var random = SplitMix(state: 20_260_101)
        for _ in 0..<500 {
            let value = JSON.random(&random, depth: 4)
            let text = value.bytes
            #expect(try JSON(parsing: text) == value)
            #expect(JSONText.isValid(text))
            guard case .object = value else { continue }
            #expect(failure(Array(text.dropLast(Int.random(in: 1...text.count, using: &random)))) != nil)
        }
    }

    @Test("damaged text is read exactly where the check of texts says that it is one")
    func damagedText() {
        var random = SplitMix(state: 7)
        for _ in 0..<2_000 {
            var text = JSON.random(&random, depth: 3).bytes
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0x20..<0xff, using: &random)
            let stricter = ["a name is given twice", "half of a surrogate pair stands alone", "a number is too large"]
            guard let failure = failure(text) else {
                #expect(JSONText.isValid(text))
                continue
            }
            #expect(!JSONText.isValid(text) || stricter.contains(failure.reason), "\(text)")
        }
    }
}

/// Numbers that are the same in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension JSON {
    fileprivate static func random(_ random: inout SplitMix, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random))
        case 3: JSON(number: randomNumber(&random))
        case 4: .string(randomText(&random))
        case 5: .array((0..<Int.random(in: 0..<6, using: &random)).map { _ in .random(&random, depth: depth - 1) })
        default:
            .object(
                (0..<Int.random(in: 0..<12, using: &random)).map {
                    Member(name: "\($0)" + randomText(&random), value: .random(&random, depth: depth - 1))
                }
            )
        }
    }

    private static func randomNumber(_ random: inout SplitMix) -> Double {
        let number = Double(bitPattern: random.next())
        return number.isFinite ? number : 0.5
    }

    private static func randomText(_ random: inout SplitMix) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<8, using: &random) {
            let ranges: [ClosedRange<UInt32>] = [0...0x7f, 0x80...0xd7ff, 0x1_0000...0x10_ffff]
            let range = ranges.randomElement(using: &random)!
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &random))!)
        }
        return text
    }
}
