/// Reads the kernel's files about processes (proc(5)). Pure: the text is the caller's.
public enum ProcessFiles {
    /// The resident memory in `/proc/PID/smaps_rollup`, in KiB.
    public static func residentKiB(smapsRollup text: some StringProtocol) -> Int? { number(after: "Rss:", in: text) }

    /// The part of that which is the process's own, no page of a file, in `/proc/PID/smaps_rollup`, in KiB.
    public static func anonymousKiB(smapsRollup text: some StringProtocol) -> Int? {
        number(after: "Anonymous:", in: text)
    }

    /// The processes in `/proc/PID/task/TID/children`.
    public static func children(_ text: some StringProtocol) -> [Int32] {
        text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// The processor's name in `/proc/cpuinfo`.
    public static func processor(cpuinfo text: some StringProtocol) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last.map { String($0.drop(while: \.isWhitespace)) }
    }

    /// The processors that a process may run on, in `/proc/PID/status`.
    public static func allowedProcessors(status text: some StringProtocol) -> [Int] {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        let list = line?.split(whereSeparator: \.isWhitespace).last ?? ""
        return list.split(separator: ",").flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }

    /// The total memory in `/proc/meminfo`, in KiB.
    public static func totalKiB(meminfo text: some StringProtocol) -> Int? { number(after: "MemTotal:", in: text) }

    private static func number(after name: String, in text: some StringProtocol) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
