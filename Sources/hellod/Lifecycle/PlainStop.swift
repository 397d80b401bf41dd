import Glibc

/// Whether a stop is one, or the first half of a restart. The signal is the same for both; so `ExecStop=` of hello.service
/// leaves a file in the runtime directory when there is no restart, before the signal is sent.
enum PlainStop {
    static func isAsked(environment: [String: String]) -> Bool {
        guard let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first else { return false }
        return access("\(directory)/stop", F_OK) == 0
    }
}
