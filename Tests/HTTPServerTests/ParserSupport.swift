import HTTPTypes
import NIOCore

@testable import HTTPServer

extension RequestParser {
    /// Takes the next step, and what it used out of the buffer.
    mutating func next(_ buffer: inout ByteBuffer) throws(Refusal) -> Step {
        let (step, consumed) = try next(buffer.readableBytesUInt8Span)
        buffer.moveReaderIndex(forwardBy: consumed)
        return step
    }
}

/// What a parser said about some octets, in a form that can be compared.
enum Seen: Equatable, CustomStringConvertible {
    case head(String)
    case end
    case refused(Refusal)

    var description: String {
        switch self {
        case .head(let text): "head(\(text))"
        case .end: "end"
        case .refused(let refusal): "refused(\(refusal.rawValue))"
        }
    }
}

/// What came of octets: the steps, and how many octets were left unread.
struct Parsed: Equatable {
    var seen: [Seen] = []
    var unread = 0

    /// The refusal, if there is one.
    var refusal: Refusal? {
        if case .refused(let refusal) = seen.last { refusal } else { nil }
    }

    /// How many whole requests there were.
    var requests: Int { seen.count { $0 == .end } }
}

/// Parses octets that arrive in pieces, with a request's end being the end of a piece's use or not.
func parse(pieces: [ArraySlice<UInt8>], limits: RequestLimits = RequestLimits()) -> Parsed {
    var parser = RequestParser(limits: limits)
    var buffer = ByteBuffer()
    var parsed = Parsed()
    for piece in pieces {
        buffer.writeBytes(piece)
        steps: while parsed.refusal == nil {
            do throws(Refusal) {
                switch try parser.next(&buffer) {
                case .needsMore: break steps
                case .head(let head): parsed.seen.append(.head(summary(head)))
                case .end: parsed.seen.append(.end)
                }
            } catch {
                parsed.seen.append(.refused(error))
            }
        }
    }
    parsed.unread = buffer.readableBytes
    return parsed
}

func parse(_ text: String, limits: RequestLimits = RequestLimits()) -> Parsed {
    parse(pieces: [Array(text.utf8)[...]], limits: limits)
}

func parse(_ octets: [UInt8], limits: RequestLimits = RequestLimits()) -> Parsed {
    parse(pieces: [octets[...]], limits: limits)
}

/// The head of a text's first request, or nil if it is not whole or refused.
func parsedHead(_ text: String) -> RequestHead? {
    var parser = RequestParser(limits: RequestLimits())
    var buffer = ByteBuffer(string: text)
    guard case .head(let head)? = try? parser.next(&buffer) else { return nil }
    return head
}

/// The refusal of a request that has these lines behind `GET / HTTP/1.1` and a good Host.
func refusal(fields: String...) -> Refusal? {
    parse("GET / HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n").refusal
}

/// The meaning of a request that has these lines behind `POST / HTTP/1.x`.
func semantics(fields: String..., version: String = "HTTP/1.1") -> RequestSemantics? {
    parsedHead("POST / \(version)\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")?.semantics
}

private func summary(_ head: RequestHead) -> String {
    let query = head.query.map { " ?\($0)" } ?? ""
    let traits = [
        head.isHTTP10 ? "1.0" : "1.1", head.semantics.keepsAlive ? "keeps" : "closes", "\(head.semantics.body)",
    ]
    return "\(head.method.rawValue) \(head.target) \(head.path)\(query) " + traits.joined(separator: " ")
}

/// Text for the messages of a table: one line, not too long.
func shown(_ text: String) -> String { String(text.prefix(80)).debugDescription }
