// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "greeter",
    dependencies: [.package(name: "hello", path: "../..")],
    targets: [
        .executableTarget(name: "greeter", dependencies: [.product(name: "HTTPDaemon", package: "hello")])
    ]
)
