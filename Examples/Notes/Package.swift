// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "notes",
    dependencies: [
        .package(name: "hello", path: "../.."),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.11.0"),
    ],
    targets: [
        .executableTarget(
            name: "notes",
            dependencies: [
                .product(name: "HTTPDaemon", package: "hello"),
                .product(name: "HTTPDaemonServices", package: "hello"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Upstreams", package: "hello"),
            ]
        ),
        .testTarget(
            name: "NotesTests",
            dependencies: ["notes", .product(name: "HTTPEndpointsTesting", package: "hello")]
        ),
        // On a systemd of their own, which takes root.
        .testTarget(
            name: "NotesServiceTests",
            dependencies: ["notes", .product(name: "SystemdTestKit", package: "hello")]
        ),
    ]
)
