import Configuration

extension EdgeContent {
    /// What is valid and most likely not meant.
    ///
    /// - Parameter files: where the distributions stand, in their order.
    func warnings(files: [String]) -> [ConfigurationProblem] {
        var warnings: [ConfigurationProblem] = []
        for (distribution, file) in zip(distributions, files) {
            warnings += DistributionLint(distribution).warnings.map {
                ConfigurationProblem(path: "\(file): \($0.path)", message: $0.message)
            }
        }
        let trusted = Set(distributions.flatMap(\.allBehaviors).flatMap(\.trustedKeyGroups))
        for name in keyGroups.keys.sorted() where !trusted.contains(name) {
            warnings.append(.init(path: "$.keyGroups.\(name)", message: "is trusted by no behavior"))
        }
        for origin in origins.values.sorted(by: { $0.name < $1.name })
        where origin.credentials != nil && !origin.usesTLS && !origin.isOnThisHost {
            warnings.append(
                .init(
                    path: "$.origins.\(origin.name).url",
                    message:
                        "requests to \(origin.host) are signed but not encrypted: who listens reads the content, and can "
                        + "repeat a request for minutes. Use https://"))
        }
        return warnings
    }
}

extension OriginSettings {
    /// Whether nothing leaves this machine on the way to any of its servers.
    fileprivate var isOnThisHost: Bool {
        servers.allSatisfy { $0.host == "localhost" || $0.host == "::1" || $0.host.hasPrefix("127.") }
    }
}
