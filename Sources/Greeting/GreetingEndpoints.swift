public import HTTPEndpoints
import HTTPTypes

/// The greeting's endpoints. To add one: declare it here. Routing, validation and the document follow.
public func greetingEndpoints(_ settings: GreetingSettings) -> [Endpoint] {
    let who = "Whom to greet: 1 to 64 Unicode scalars, no control characters, and neither . nor .. alone."
    let howLong = "How long to wait, in seconds, as JSON writes numbers."
    let delays = ValueType.seconds(Duration.zero...settings.maximumDelay)
    return [
        Endpoint(
            .get,
            "/",
            name: "greetWorld",
            summary: "Greet the world",
            details: "Waits for greeting.delay (\(settings.delay.inSeconds.jsonText) s) without holding a thread."
        ) { _ in .delayed(Greeting.world, by: settings.delay) },

        Endpoint(
            .get,
            "/hello/{name}",
            name: "greet",
            summary: "Greet somebody",
            details: "Waits for the delay, then greets. A parameter that is given twice is refused; an unknown one is "
                + "ignored.",
            parameters:
                .path("name", .name(1...64), who),
            .query("delay", delays, default: settings.delay, howLong)
        ) { _, name, delay in .delayed(Answer(Greeting(hello: name)), by: delay) },

        Endpoint(
            .post,
            "/hello",
            name: "greetByBody",
            summary: "Greet somebody whom the content names",
            details: "The same from a JSON body. An unknown member is ignored.",
            parameters:
                .body("name", .name(1...64), who),
            .body("delay", delays, default: settings.delay, howLong),
            // It changes nothing, so that a restart need not wait for it.
            mayRepeat: true
        ) { _, name, delay in .delayed(Answer(Greeting(hello: name)), by: delay) },
    ]
}
