/// Something that a daemon runs beside its endpoints. Services of swift-service-lifecycle are run by
/// `HTTPDaemonServices`, which a daemon without any need not link.
public protocol BackgroundWork: Sendable {
    /// Works until it is told to end. Where it returns or throws earlier, the daemon ends, too.
    func run() async throws

    /// Has it end: ``run()`` then returns soon. Cancelling its task comes later, where it takes too long.
    func end() async
}
