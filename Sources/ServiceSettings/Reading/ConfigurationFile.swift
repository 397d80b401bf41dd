import Glibc

/// The configuration file, as it was found.
package enum ConfigurationFile: Sendable, Equatable {
    /// There is none, and nobody asked for one.
    case none
    /// What it says, and its name for messages.
    case text(String, name: String)
    /// It is named and cannot be used.
    case unusable(ConfigurationProblem)

    /// The largest file that is read, in bytes; a larger one is a mistake in the name.
    package static let largestSize = 1_048_576

    /// Finds and reads the file: the one of `--config`, else of the variable, else the usual one if it is there.
    package static func locate(
        option: String?,
        environment: [String: String],
        names: SettingsNames
    ) -> ConfigurationFile {
        // The service manager says so to a service, and it alone sees less of the machine than an administrator does.
        let place = environment["NOTIFY_SOCKET"].map { _ in names.defaultFile }
        if let option { return read(option, namedBy: "--config", placedAt: place) }
        let variable = names.fileVariable
        if let path = environment[variable] { return read(path, namedBy: variable, placedAt: place) }
        return read(names.defaultFile, namedBy: nil)
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - source: The option or variable that names it, or nil if it may be missing.
    ///   - place: Where a service finds one, or nil if this is none.
    package static func read(
        _ path: String,
        namedBy source: String?,
        placedAt place: String? = nil
    ) -> ConfigurationFile {
        func unusable(_ message: String, _ remedy: String) -> ConfigurationFile {
            .unusable(.init(origin: path.isEmpty ? source ?? path : escaped(path), message: message, remedy: remedy))
        }
        let named = source.map { " named by \($0)" } ?? ""
        if path.isEmpty {
            return unusable("the name of the configuration file is empty", "name a file, or leave it out")
        }

        // Non-blocking, since opening a FIFO would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if descriptor < 0 {
            let error = errno
            if error == ENOENT && source == nil { return .none }
            let reason = String(cString: strerror(error))
            return unusable(
                "cannot open the configuration file\(named): \(reason)",
                place.flatMap { hiddenRemedy(path, $0) } ?? openRemedy(error)
            )
        }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is no regular file"
            return unusable("the configuration file\(named) \(kind)", "name a regular file")
        }
        var bytes: [UInt8] = []
        do {
            bytes = try readAll(descriptor)
        } catch {
            return unusable(
                "cannot read the configuration file: \(String(cString: strerror(error.number)))",
                "see its disk"
            )
        }
        guard bytes.count <= largestSize else {
            return unusable(
                "the configuration file\(named) is larger than \(sizeText(largestSize))",
                "name another file"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return unusable("the configuration file\(named) is not UTF-8 text", "save it as UTF-8")
        }
        return .text(text, name: path)
    }

    private struct ReadError: Error {
        var number: Int32
    }

    /// Reads to the end, or one byte past ``largestSize``: a file may grow while it is read.
    private static func readAll(_ descriptor: Int32) throws(ReadError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= largestSize {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw ReadError(number: errno) }
            bytes += chunk.prefix(count)
        }
        return bytes
    }

    /// What to do where the file may well be there, and be hidden from the service.
    private static func hiddenRemedy(_ path: String, _ place: String) -> String? {
        let hidden = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"].first { path.hasPrefix($0 + "/") }
        let directory = place.split(separator: "/").dropLast().joined(separator: "/")
        return hidden.map { "the sandbox of the unit may hide \($0): put the file into /\(directory)" }
    }

    private static func openRemedy(_ error: Int32) -> String {
        switch error {
        case ENOENT: "create it, or name another"
        case EACCES: "make it readable for the daemon's user"
        default: "name a readable file"
        }
    }
}
