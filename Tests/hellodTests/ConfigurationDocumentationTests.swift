import ArgumentParser
import Foundation
import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
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
        #expect(loaded.configuration == HelloConfiguration())
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
        #expect(loaded.configuration == HelloConfiguration())
        for setting in schema.settings {
            #expect(loaded.origins[setting.key]?.hasPrefix("hello.yaml:") == true, "\(setting.key)")
        }
    }

    @Test func `the example is what the program prints`() throws {
        #expect(try example() == schema.defaultsDocument + "\n")
    }

    @Test func `the example says which settings need a restart`() throws {
        let lines = try example().split(separator: "\n", omittingEmptySubsequences: false)
        for setting in schema.settings {
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

    @Test func `the manual page has every setting with its default, and marks those that need a restart`() throws {
        // `.BR key \~(default)`, with `\~\(dg` behind it.
        let page = try text("deploy/hellod.8")
        let entries = page.matches(of: /\n\.BR ([a-z_.]+) \\~\(([^)]*)\)(\\~\\\(dg)?\n/)
        #expect(entries.map { String($0.1) }.sorted() == schema.settings.map(\.key).sorted())
        for entry in entries {
            let setting = try #require(schema.setting(String(entry.1)))
            #expect((setting.defaultText == "[]" ? "empty" : setting.defaultText) == entry.2, "\(setting.key)")
            #expect((setting.effect == .restart) == (entry.3 != nil), "\(setting.key)")
        }
    }

    @Test func `the manual page has every option of the command line`() throws {
        let page = try text("deploy/hellod.8").replacing("\\-", with: "-")
        for command in [Serve<Hello>.helpMessage(), CheckConfig<Hello>.helpMessage()] {
            for option in command.matches(of: /--[a-z][a-z-]*/) {
                #expect(page.contains(option.output), "\(option.output)")
            }
        }
    }

    /// The names of the fields in a file of sources.
    private func fields(_ directory: String) throws -> Set<String> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").appending(
            path: directory
        )
        let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        var names: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for name in text.matches(of: /LogField\("([a-z.]+)"/) { names.insert(String(name.1)) }
        }
        return names
    }

    @Test func `the manual page has every field of a log entry, and every member of a line in JSON`() throws {
        let page = try text("deploy/hellod.8")
        let names = try fields("Sources/HTTPDaemon").union(fields("Sources/Upstreams")).union(
            fields("Sources/JournalLogging").subtracting(["..."])
        )
        #expect(names.count > 20)
        for name in names where name != "v" {
            let field = name.uppercased().replacing(".", with: "_")
            #expect(page.firstMatch(of: try Regex("[ ~]\(field)[ ,.\n]")) != nil, "\(field)")
        }
        let line = try text("Sources/JournalLogging/LineFormat+JSON.swift")
        let members = line.matches(of: /appendMember\("([a-z_]+)"/).map { String($0.1) } + ["time", "line", "fields"]
        #expect(members.count == 9)
        for member in members {
            #expect(page.contains("\n.B \(member)\n") || page.contains("\n.BR \(member) ,\n"), "\(member)")
        }
    }

    private func text(_ file: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    @Test func `a listing has each setting with its origin`() throws {
        let listing = schema.listing(
            of: try load(environment: ["HELLO_LISTEN": "[::1]:1,unix:/a"], .set("idle_exit=90"))
        )
        let lines = listing.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.count == schema.settings.count)
        #expect(lines.contains("greeting.delay = 1s (default)"))
        #expect(lines.contains("listen = [::1]:1, unix:/a (HELLO_LISTEN)"))
        #expect(lines.contains("idle_exit = 90s (--set idle_exit)"))
    }
}
