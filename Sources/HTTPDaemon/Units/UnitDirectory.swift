import Glibc
import ServiceSettings

/// A directory that files are written into: all of them, or none.
struct UnitDirectory {
    /// The directory, without `/` at its end.
    private let path: String

    /// Takes a directory that need not exist yet.
    init(_ path: String) throws(UnitProblem) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw UnitProblem(line: "the directory has no name") }
        let end = path.lastIndex { $0 != "/" }
        self.path = end.map { String(path[...$0]) } ?? "/."
    }

    /// Writes the files that are not there, or not so.
    ///
    /// Everybody may read them: the configuration is read by a user that exists only while the service runs.
    ///
    /// - Parameter overwrites: Whether files with other content are replaced. Without it they keep all from being written.
    /// - Returns: the paths of the files that were written.
    func write(_ files: [UnitFile], overwrites: Bool) throws(UnitProblem) -> [String] {
        try make()
        var missing: [UnitFile] = []
        var different: [UnitFile] = []
        for file in files {
            switch try PresentFile(at: location(of: file)) {
            case .absent: missing.append(file)
            case .content(let octets) where octets.elementsEqual(file.text.utf8): continue
            case .content: different.append(file)
            }
        }
        guard overwrites || different.isEmpty else {
            let paths = different.map { escaped(location(of: $0)) }.joined(separator: ", ")
            throw UnitProblem(line: "nothing is written: there is another \(paths) (--force replaces what is there)")
        }
        let news = files.filter { missing.contains($0) || different.contains($0) }
        try replace(news)
        return news.map(location)
    }

    private func location(of file: UnitFile) -> String { "\(path)/\(file.name)" }

    /// Makes the directory if it is not there. What is above it has to be.
    private func make() throws(UnitProblem) {
        if mkdir(path, 0o755) == 0 {
            // Whatever the umask says.
            guard chmod(path, 0o755) == 0 else { throw .failed("cannot open \(escaped(path)) to others", errno) }
            return
        }
        let reason = errno
        var status = stat()
        guard reason == EEXIST else { throw .failed("cannot make \(escaped(path))", reason) }
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw UnitProblem(line: "\(escaped(path)) is no directory")
        }
    }

    /// Puts the files in place when all of them are written.
    private func replace(_ files: [UnitFile]) throws(UnitProblem) {
        var asides: [FileAside] = []
        // Those that are in place are gone from where they were.
        defer { for aside in asides { aside.remove() } }
        for file in files {
            asides.append(try FileAside(beside: location(of: file)))
            try asides[asides.count - 1].write(file.text)
        }
        for (aside, file) in zip(asides, files) { try aside.move(to: location(of: file)) }
    }
}

extension UnitProblem {
    /// What the system refused, and why.
    static func failed(_ what: String, _ error: CInt) -> UnitProblem {
        UnitProblem(line: "\(what): \(String(cString: strerror(error)))")
    }
}
