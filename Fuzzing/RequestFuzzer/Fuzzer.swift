import Glibc
import HTTPServer

@testable import HTTPServer

/// libFuzzer's own main function, under the name that it has for programs with one of their own (FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// A program that takes libFuzzer's options; `make fuzz` starts it.
@main
enum Program {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, testOneInput))
    }
}

/// What libFuzzer calls with each input. The first octet says how the server is set and how the client ends; the rest
/// is what the client sends. Some inputs are parcels, or what proxies say, instead.
func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: data, count: count))
    guard let choice = octets.first else { return 0 }
    let input = octets.dropFirst()
    if choice == Parcels.choice {
        Parcels.read(Array(input))
        return 0
    }
    if choice == ProxyInputs.choice {
        ProxyInputs.read(Array(input))
        return 0
    }

    var course = Course()
    // Small limits, so that short inputs meet them.
    if choice & 1 != 0 { course.limits = RequestLimits(requestLine: 48, headerSection: 96, headerFields: 4, body: 24) }
    if choice & 2 != 0 { course.isImmediate = false }
    course.isProxied = choice & 64 != 0
    course.ending = choice & 4 == 0 ? .half : choice & 8 == 0 ? .all : .never

    let whole = Conversation(input, course)
    let transcript = Transcript(whole)
    transcript.hold(against: whole.executed)

    // However the input is cut, the same requests are executed and the same answers given.
    let seed = octets.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    var others = course
    for pieces in [Course.Pieces.octets, .random(seed)] {
        others.pieces = pieces
        let other = Conversation(input, others)
        require(other.executed == whole.executed, "executed \(other.executed), whole: \(whole.executed)")
        let otherTranscript = Transcript(other)
        require(otherTranscript == transcript, "answered \(otherTranscript), whole: \(transcript)")
    }

    // A client that leaves off earlier has nothing executed that it would not have had otherwise.
    let part = Conversation(input.prefix(Int(seed % UInt64(max(input.count, 1)))), course)
    require(whole.executed.starts(with: part.executed), "executed \(part.executed) of a part, whole: \(whole.executed)")
    Transcript(part).hold(against: part.executed)
    return 0
}
