/// What a connection wrote, read as strictly as a client could (RFC 9112 section 4).
struct Transcript: Equatable {
    struct Answer: Equatable {
        var status: Int
        /// The request that it belongs to; nil for a refusal.
        var number: Int?
        var closes: Bool
        var fields: [String]
        var content: [UInt8]
    }

    /// Final answers; `100 Continue` depends on how much of the input has come, and is left out.
    private(set) var answers: [Answer] = []

    init(_ conversation: Conversation) {
        var rest = conversation.written[...]
        var mayContinue = true
        while !rest.isEmpty {
            require(answers.last?.closes != true, "an answer follows the last one")
            guard let end = Self.endOfHead(rest) else { fatalError("an answer without end") }
            let lines = String(decoding: rest[rest.startIndex..<end - 4], as: UTF8.self).split(
                separator: "\r\n",
                omittingEmptySubsequences: false
            )
            rest = rest[end...]
            let status = Self.status(lines[0])
            if status == 100 {
                require(lines.count == 1 && mayContinue, "100 Continue where none belongs")
                mayContinue = false
                continue
            }
            mayContinue = true
            answers.append(Self.answer(status, lines.dropFirst(), &rest, conversation.executed))
        }
    }

    private static func endOfHead(_ octets: ArraySlice<UInt8>) -> Int? {
        octets.firstRange(of: [13, 10, 13, 10])?.upperBound
    }

    private static func status(_ line: Substring) -> Int {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        require(parts.count == 3 && parts[0] == "HTTP/1.1" && parts[1].count == 3, "no status line: \(line)")
        return Int(parts[1]) ?? 0
    }

    private static func answer(
        _ status: Int,
        _ lines: ArraySlice<Substring>,
        _ rest: inout ArraySlice<UInt8>,
        _ executed: [Executed.Request]
    ) -> Answer {
        var fields: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ": ", maxSplits: 1)
            require(parts.count == 2 && line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "no field: \(line)")
            let name = parts[0].lowercased()
            require(fields.updateValue(String(parts[1]), forKey: name) == nil, "\(name) twice")
        }
        for name in ["date", "content-type", "x-request-id"] { require(fields[name] != nil, "\(name) is missing") }
        let number = fields["x-number"].flatMap { Int($0) }
        guard let length = fields["content-length"].flatMap({ Int($0) }) else { fatalError("no Content-Length") }
        let isToHead: Bool
        if let number {
            require(executed.indices.contains(number), "an answer to nothing")
            isToHead = executed[number].method == "HEAD"
        } else {
            // Only a refusal after a whole head knows its method; it is the last answer.
            isToHead = rest.isEmpty
        }
        let content = isToHead ? [] : Array(rest.prefix(length))
        require(isToHead || content.count == length, "content of \(content.count) octets, said to be \(length)")
        rest = rest.dropFirst(content.count)
        fields["date"] = nil
        if let id = fields["x-request-id"], id.count == 32 { fields["x-request-id"] = nil }
        return Answer(
            status: status,
            number: number,
            closes: fields["connection"] == "close",
            fields: fields.map { "\($0): \($1)" }.sorted(),
            content: content
        )
    }

    /// One answer a request, in order; a refusal is the last one, and nothing was executed behind it.
    func hold(against executed: [Executed.Request]) {
        var next = 0
        for (index, answer) in answers.enumerated() {
            if let number = answer.number {
                require(number == next, "answer \(number) comes as number \(next)")
                next += 1
            } else {
                require(index == answers.count - 1 && answer.closes, "a refusal that is not the end")
                require(answer.status >= 400, "a refusal with \(answer.status)")
            }
        }
        require(next == executed.count, "\(executed.count) were executed and \(next) answered")
    }
}
