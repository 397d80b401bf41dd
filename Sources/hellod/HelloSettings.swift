import Greeting
import ServiceSettings
import Upstreams

/// The settings of the greeting, and of the calls that `/aggregate` makes.
struct HelloSettings: SettingsGroup {
    var greeting = GreetingSettings()
    var aggregate = AggregateSettings()

    static let settings =
        GreetingSettings.settings.map { $0.at(\Self.greeting) }
        + AggregateSettings.settings.map { $0.at(\Self.aggregate) }

    static let rules =
        GreetingSettings.rules.map { $0.at(\Self.greeting) } + AggregateSettings.rules.map { $0.at(\Self.aggregate) }

    static let sectionComments = AggregateSettings.sectionComments
}
