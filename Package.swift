// swift-tools-version: 6.2

import PackageDescription

/// One settings block for every target of the package.
let settings: [SwiftSetting] = [
    // `any P` is spelled out, so that the cost of an existential is visible where it is paid.
    .enableUpcomingFeature("ExistentialAny"),
    // A member is only visible where its module is imported: each file names what it uses.
    .enableUpcomingFeature("MemberImportVisibility"),
    // Imports are internal unless said otherwise: what a library exposes is a decision.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // An async function runs where its caller runs. Handlers stay on their connection's event loop.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // A warning is a defect here; this applies to the root package only, so users are not affected.
    .treatAllWarnings(as: .error),
]

let nio = "swift-nio"

/// `make fuzz` sets it: HTTPServer is then built with libFuzzer's instrumentation, in a scratch directory of its own.
let fuzzes = Context.environment["HELLO_FUZZING"] != nil
let instrumented: [SwiftSetting] =
    fuzzes ? [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])] : []

/// Overlapping accesses to a class's properties are looked for in every test, and not in the released server, where the
/// looking took 1.7 % of a request's processor time.
let withoutAccessChecks: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// What makes the released program start in 7.2 instead of 8.0 ms of CPU, and in 15 instead of 21 MiB.
let fastStart = [
    // The toolchain's own; gold, which is the default, does not know the following two.
    "-use-ld=lld",
    // 80,000 addresses that every start must adjust are told in 16 KB instead of 1.9 MB (glibc 2.36).
    "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    // A linker script in there stands for the shared libstdc++, and names the archive: of all that a start relocates by
    // name, two thirds are in that library.
    "-L\(Context.packageDirectory)/scripts/linking",
    // Nothing looks for symbols in a program. With --static-swift-stdlib all would be exported: 3 MB of names.
    "-Xlinker", "--no-export-dynamic",
    // Every symbol is bound before anything runs, so that the table of their addresses is read-only from then on.
    "-Xlinker", "-z", "-Xlinker", "now",
]

let package = Package(
    name: "hello",
    products: [
        .executable(name: "hellod", targets: ["hellod"]),
        .executable(name: "integration-tests", targets: ["integration-tests"]),
        .executable(name: "benchmarks", targets: ["benchmarks"]),
        .library(name: "Systemd", targets: ["Systemd"]),
        .library(name: "JournalLogging", targets: ["JournalLogging"]),
        .library(name: "HTTPServer", targets: ["HTTPServer"]),
        .library(name: "HTTPEndpoints", targets: ["HTTPEndpoints"]),
        .library(name: "HTTPEndpointsTesting", targets: ["HTTPEndpointsTesting"]),
        .library(name: "ServiceSettings", targets: ["ServiceSettings"]),
        .library(name: "HTTPDaemon", targets: ["HTTPDaemon"]),
        .library(name: "HTTPDaemonServices", targets: ["HTTPDaemonServices"]),
        .library(name: "Upstreams", targets: ["Upstreams"]),
        .library(name: "SystemdTestKit", targets: ["SystemdTestKit", "LoadClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.11.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]
        ),
        .systemLibrary(name: "CGlibc"),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .target(
            name: "Systemd",
            dependencies: ["CSystemd"],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "JournalLogging",
            dependencies: [
                "CSystemd",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPServer",
            dependencies: [
                "CGlibc",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: settings + instrumented + withoutAccessChecks
        ),
        .target(
            name: "HTTPEndpoints",
            dependencies: ["HTTPServer", .product(name: "HTTPTypes", package: "swift-http-types")],
            exclude: ["Docs/page.html"],
            swiftSettings: settings
        ),
        // What tests of endpoints need beside them.
        .target(
            name: "HTTPEndpointsTesting",
            dependencies: [
                "HTTPEndpoints", "HTTPServer", .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ServiceSettings",
            dependencies: ["CYAML", .product(name: "Configuration", package: "swift-configuration")],
            swiftSettings: settings,
            // libyaml's archive, so that an installed daemon needs no package for it. This is also why CYAML has no
            // pkgConfig, which knows the shared library alone.
            linkerSettings: [.linkedLibrary(":libyaml.a")]
        ),
        .target(
            name: "Greeting",
            dependencies: [
                "HTTPEndpoints", "HTTPServer", "ServiceSettings",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Upstreams",
            dependencies: [
                "Greeting",
                "HTTPEndpoints",
                "HTTPServer",
                "JournalLogging",
                "PrometheusMetrics",
                "ServiceSettings",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PrometheusMetrics",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPDaemon",
            dependencies: [
                "CGlibc",
                "HTTPEndpoints",
                "HTTPServer",
                "JournalLogging",
                "PrometheusMetrics",
                "ServiceSettings",
                "Systemd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // Services of swift-service-lifecycle in a daemon, of which one without any links nothing.
        .target(
            name: "HTTPDaemonServices",
            dependencies: [
                "HTTPDaemon",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "hellod",
            dependencies: ["Greeting", "HTTPDaemon", "HTTPEndpoints", "ServiceSettings", "Upstreams"],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(fastStart, .when(configuration: .release))]
        ),

        // The integration-test harness.
        .systemLibrary(name: "CLinux", path: "IntegrationTests/CLinux"),
        .target(
            name: "SystemdTestKit",
            dependencies: ["CLinux"],
            path: "IntegrationTests/Manager",
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "LoadClient",
            dependencies: [
                "CLinux",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            path: "IntegrationTests/Client",
            swiftSettings: settings
        ),
        .target(
            name: "HarnessReport",
            dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
            path: "IntegrationTests/Report",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "integration-tests",
            dependencies: [
                "HarnessReport",
                "LoadClient",
                "Systemd",
                "SystemdTestKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "IntegrationTests/Scenarios",
            swiftSettings: settings
        ),

        // The benchmark: what can be tested without measuring, and what measures.
        .target(
            name: "BenchmarkResults",
            dependencies: ["HarnessReport"],
            path: "Benchmarks/Results",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "BenchmarkResults",
                "HarnessReport",
                "LoadClient",
                "SystemdTestKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Runner",
            swiftSettings: settings
        ),

        // A process that the tests of Systemd start as a service manager would.
        .executableTarget(
            name: "activation-probe",
            dependencies: ["Systemd", "CSystemd"],
            path: "Tests/ActivationProbe",
            swiftSettings: settings
        ),
        // A process that the tests of HTTPServer start, to count what a request allocates. They do not depend on it: its
        // malloc would be that of all tests, and end them at once where a sanitizer has the free that goes with another.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .executableTarget(
            name: "allocation-probe",
            dependencies: ["CAllocations", "Greeting", "HTTPEndpoints", "HTTPServer"],
            path: "Tests/AllocationProbe",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SystemdTests",
            dependencies: ["Systemd", "CLinux", "CSystemd", "activation-probe"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "JournalLoggingTests",
            dependencies: ["JournalLogging", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "HTTPServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOEmbedded", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GreetingTests",
            dependencies: [
                "Greeting",
                "HTTPEndpoints",
                "HTTPEndpointsTesting",
                "HTTPServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        // In memory, with what whoever writes a daemon has for it.
        .testTarget(
            name: "HTTPEndpointsTests",
            dependencies: ["HTTPEndpoints", "HTTPEndpointsTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PrometheusMetricsTests",
            dependencies: ["PrometheusMetrics", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "hellodTests",
            dependencies: [
                "CGlibc",
                "CLinux",
                "Greeting",
                "hellod",
                "HTTPDaemon",
                "HTTPEndpoints",
                "HTTPServer",
                "JournalLogging",
                "ServiceSettings",
                "Upstreams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UpstreamsTests",
            dependencies: [
                "Greeting",
                "Upstreams",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LoadClientTests",
            dependencies: [
                "LoadClient", .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "BenchmarksTests", dependencies: ["BenchmarkResults"], swiftSettings: settings),
        .testTarget(name: "HarnessReportTests", dependencies: ["HarnessReport"], swiftSettings: settings),
        .testTarget(
            name: "SystemdTestKitTests",
            dependencies: ["LoadClient", "SystemdTestKit"],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

if fuzzes {
    package.targets.append(
        .executableTarget(
            name: "request-fuzzer",
            dependencies: [
                "HTTPServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Fuzzing/RequestFuzzer",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        )
    )
}

/// `make docs` sets it: whoever depends on the package need not fetch what makes its documentation.
if Context.environment["HELLO_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
