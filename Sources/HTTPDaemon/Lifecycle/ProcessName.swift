import Glibc

/// What a process runs, as far as /proc tells.
///
/// It tells little where a sandbox hides it: then nobody is taken for another.
struct ProcessName: Equatable {
    /// The last part of the program's path.
    let program: String?
    /// The name of its first thread, cut by the kernel.
    let thread: String?

    /// How long the kernel lets the name of a thread be.
    private static let longestThreadName = 15

    init(program: String?, thread: String?) {
        (self.program, self.thread) = (program.map(Self.lastName), thread)
    }

    /// Looks; nil where nothing can be seen.
    init?(of pid: pid_t) {
        let program = Self.link("/proc/\(pid)/exe")
        let thread = Self.line("/proc/\(pid)/comm")
        if program == nil && thread == nil { return nil }
        self.init(program: program, thread: thread)
    }

    /// This process's own program.
    static var own: String { link("/proc/self/exe").map(lastName) ?? "" }

    /// What it is called instead of one of these names; nil if it may be one of them.
    ///
    /// An upgrade may have replaced or renamed the file of a running program: its thread is still called as it was.
    func otherThan(_ names: [String]) -> String? {
        let isOne =
            program.map(names.contains) == true
            || thread.map { thread in names.contains { $0.prefix(Self.longestThreadName) == thread } } == true
        return isOne ? nil : program ?? thread
    }

    /// The last part of a path, without what the kernel adds where the file is gone.
    private static func lastName(_ path: String) -> String {
        let suffix = " (deleted)"
        let whole = path.hasSuffix(suffix) ? path.dropLast(suffix.count) : path[...]
        return whole.split(separator: "/").last.map(String.init) ?? ""
    }

    private static func link(_ path: String) -> String? {
        var octets = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &octets, octets.count)
        return count > 0 ? String(decoding: octets.prefix(count), as: UTF8.self) : nil
    }

    private static func line(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &octets, octets.count)
        return count > 0 ? String(decoding: octets.prefix(count).prefix { $0 != 10 }, as: UTF8.self) : nil
    }
}
