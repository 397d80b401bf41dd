import HTTPDaemon

@main
struct Greeter: Daemon {
    static let identity = Identity(name: "greeter", version: "1.0.0")

    func endpoints(_ settings: NoSettings) -> [Endpoint] {
        [
            Endpoint(.get, "/", summary: "Greet the world") { _ in
                try await Task.sleep(for: .seconds(1))
                return ["Hello": "World"]
            }
        ]
    }
}
