import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationReloadTests {
    @Test func `equal configurations do not differ`() {
        #expect(schema.differences(.init(), .init()) == ReloadableDifferences())
    }

    @Test func `tells what a reload applies from what needs a restart`() throws {
        let new = try load(
            .set("greeting.delay=250ms"),
            .set("log.level=debug"),
            .set("listen=[::1]:80"),
            .set("log.format=json")
        ).configuration
        let differences = schema.differences(.init(), new)
        #expect(differences.applied == ["greeting.delay: 1s -> 250ms", "log.level: info -> debug"])
        #expect(differences.needRestart == ["listen: [] -> [::1]:80", "log.format: auto -> json"])
    }

    @Test(arguments: schema.settings.map(\.key))
    func `after a reload, only what it applies is new`(key: String) throws {
        let setting = try #require(schema.setting(key))
        let text = try #require(ConfigurationSourcesTests.others[key])
        let new = try load(.set("\(key)=\(text)")).configuration
        let old = HelloConfiguration()
        #expect(schema.reloaded(old, to: new) == (setting.effect == .reload ? new : old))
        let differences = schema.differences(old, new)
        #expect(differences.applied.count == (setting.effect == .reload ? 1 : 0))
        #expect(differences.needRestart.count == (setting.effect == .reload ? 0 : 1))
    }
}
