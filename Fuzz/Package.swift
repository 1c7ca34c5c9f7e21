// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because `-sanitize=fuzzer` instruments everything it builds. Use it through `Scripts/fuzz`.

let package = Package(
    name: "WeirFuzz",
    dependencies: [.package(name: "Weir", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "WeirFuzz",
            dependencies: ["CFuzzer", .product(name: "WeirParsers", package: "Weir")],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]
        ),
    ]
)
