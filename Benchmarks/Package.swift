// swift-tools-version: 6.2
import PackageDescription

// A package of its own: nothing in it is shipped, and nothing shipped depends on it. Use it through `Scripts/bench`.

let package = Package(
    name: "WeirBenchmarks",
    targets: [
        .systemLibrary(name: "CEpoll"),
        .executableTarget(
            name: "Floor",
            dependencies: ["CEpoll"],
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
