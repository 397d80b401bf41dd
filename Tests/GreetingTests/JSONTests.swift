import Testing

@testable import Greeting
@testable import HTTPEndpoints

@Suite("JSON")
struct JSONTests {
    @Test("what JSON cannot hold as it is, is escaped")
    func escapes() {
        let text = JSON.string("\"\\/\n\r\t\u{0}\u{1f}\u{7f}é👋").bytes
        #expect(String(decoding: text, as: UTF8.self) == #""\"\\/\n\r\t\u0000\u001f\u007fé👋""#)
        #expect(JSONText.isValid(text))
    }

    @Test("numbers are written as people write them")
    func numbers() {
        let value: JSON = [.number(10), .number(0.25), .integer(-3), .number(1e300), .null, true]
        #expect(String(decoding: value.bytes, as: UTF8.self) == "[10,0.25,-3,1e+300,null,true]")
    }

    @Test(
        "text that is JSON is known",
        arguments: [
            "{}", "[]", " [ 1 , -0.5e+3 ,\"a\\u00e9\\n\" , null ] ", #"{"a":{"b":[{},[]]},"c":true}"#, "0", "\"\"",
            "\t1\r\n", "[[[[]]]]",
        ]
    )
    func valid(text: String) { #expect(JSONText.isValid(Array(text.utf8))) }

    @Test(
        "text that is not JSON is known",
        arguments: [
            "", " ", "{", "[1,]", "[,1]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "-", "nul",
            "'a'",
            "\"a", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "{} {}", "[1 2]", "]", "[}", "{\"a\":1]", "\u{feff}{}", "NaN",
            "tru", "[1]]",
        ]
    )
    func invalid(text: String) { #expect(!JSONText.isValid(Array(text.utf8))) }

    @Test("the verdict is the same however the text comes in pieces")
    func pieces() {
        let text = Array(#" {"a":[1,-0.5e+3,"\u00e9\n𝄞é€",true,false,null],"b":{}} "#.utf8)
        for size in 1...text.count {
            var check = JSONText()
            for start in stride(from: 0, to: text.count, by: size) {
                #expect(!check.isWhole || start >= text.count - size)
                Array(text[start..<min(start + size, text.count)]).withUnsafeBytes { check.read($0) }
            }
            #expect(check.isWhole, "\(size)")
        }
    }

    @Test(
        "characters are UTF-8 in its shortest form, within Unicode, and no surrogates",
        arguments: [
            ([0xc2, 0x80], true), ([0xdf, 0xbf], true), ([0xe0, 0xa0, 0x80], true), ([0xed, 0x9f, 0xbf], true),
            ([0xef, 0xbf, 0xbf], true), ([0xf0, 0x90, 0x80, 0x80], true), ([0xf4, 0x8f, 0xbf, 0xbf], true),
            ([0xc0, 0x80], false), ([0xc1, 0xbf], false), ([0xe0, 0x9f, 0xbf], false), ([0xed, 0xa0, 0x80], false),
            ([0xf0, 0x8f, 0xbf, 0xbf], false), ([0xf4, 0x90, 0x80, 0x80], false), ([0xf5, 0x80, 0x80, 0x80], false),
            ([0x80], false), ([0xc2], false), ([0xc2, 0x41], false), ([0xe2, 0x82], false), ([0xff], false),
        ] as [([UInt8], Bool)]
    )
    func characters(octets: [UInt8], isValid: Bool) {
        #expect(JSONText.isValid([0x22] + octets + [0x22]) == isValid)
        #expect(!JSONText.isValid(octets))
    }

    @Test("octets that are not UTF-8 are not JSON, nor is nesting without end")
    func bounds() {
        #expect(!JSONText.isValid([0x22, 0xe4, 0x22]))
        let depth = JSONText.deepest
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSONText.isValid(nested(depth + 1)) == true)
        #expect(!JSONText.isValid(nested(depth + 2)))
        #expect(!JSONText.isValid(Array(String(repeating: "[", count: 1_000_000).utf8)))
    }
}
