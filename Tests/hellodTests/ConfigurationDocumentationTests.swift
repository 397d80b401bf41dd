import Testing

@testable import hellod

@Suite struct ConfigurationDocumentationTests {
    /// The example configuration of the repository.
    private func example() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = ConfigurationFile.read("/\(root)/deploy/hello.yaml", namedBy: "the test")
        guard case .text(let text, _) = file else {
            Issue.record("\(file)")
            return ""
        }
        return text
    }

    @Test func `the example configuration changes nothing as it is`() throws {
        let loaded = try load(yaml: example())
        #expect(loaded.configuration == DaemonConfiguration())
        #expect(loaded.origins.values.allSatisfy { $0 == "default" })
    }

    @Test func `the example configuration has every setting at its default`() throws {
        // A setting has no blank behind its "#", and prose has.
        let lines = try example().split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let indentation = line.prefix { $0 == " " }
            let rest = line.dropFirst(indentation.count)
            let isSetting = rest.hasPrefix("#") && rest.dropFirst().first?.isLetter == true
            return isSetting ? indentation + rest.dropFirst() : line
        }
        let loaded = try load(yaml: lines.joined(separator: "\n"))
        #expect(loaded.configuration == DaemonConfiguration())
        for setting in DaemonConfiguration.settings {
            #expect(loaded.origins[setting.key]?.hasPrefix("hello.yaml:") == true, "\(setting.key)")
        }
    }

    @Test func `the example says which settings need a restart`() throws {
        let lines = try example().split(separator: "\n", omittingEmptySubsequences: false)
        for setting in DaemonConfiguration.settings {
            let name = setting.components[setting.components.count - 1]
            let index = try #require(
                lines.firstIndex { $0.drop { $0 == " " }.hasPrefix("#\(name):") },
                "\(setting.key)"
            )
            let above = lines[..<index].reversed().prefix { $0.drop { $0 == " " }.hasPrefix("# ") }
            let says = above.contains { $0.contains("(restart)") }
            #expect(says == (setting.effect == .restart), "\(setting.key)")
        }
    }

    @Test func `the printed defaults are a configuration that changes nothing`() throws {
        let loaded = try load(yaml: DaemonConfiguration.defaultsDocument)
        #expect(loaded.configuration == DaemonConfiguration())
        #expect(loaded.origins.values.allSatisfy { $0.hasPrefix("hello.yaml:") })
    }

    @Test func `a listing has each setting with its origin`() throws {
        let listing = try load(environment: ["HELLO_LISTEN": "[::1]:1,unix:/a"], .set("idle_exit=90")).listing
        let lines = listing.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.count == DaemonConfiguration.settings.count)
        #expect(lines.contains("greeting.delay = 1s (default)"))
        #expect(lines.contains("listen = [::1]:1, unix:/a (HELLO_LISTEN)"))
        #expect(lines.contains("idle_exit = 90s (--set idle_exit)"))
    }
}
