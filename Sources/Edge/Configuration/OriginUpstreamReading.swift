import Configuration

/// What an origin's entry says about its servers, retries and health; the declared defaults when there is no entry.
struct OriginUpstreamReading {
    private(set) var servers: [OriginSettings.Server] = []
    private(set) var balancing = Balancing.roundRobin
    private(set) var retryRatio = 0.0
    private(set) var healthPolicy = HealthMachine.Policy()
    private(set) var healthCheck: HealthCheck?
    private(set) var problems: [ConfigurationProblem] = []

    private static let nanoseconds: UInt64 = 1_000_000_000

    init(_ entry: Configuration?, url: OriginURL, at path: String) {
        let values = entry ?? EdgeParameters.originDefaults
        readServers(values.texts("servers"), url: url, at: "\(path).servers")
        balancing = Balancing(rawValue: values.text("balancing")) ?? .roundRobin
        retryRatio = Double(values.integer("retryPercent")) / 100
        readPolicy(ejection: values.section("ejection"), check: values.section("healthCheck"))
        readCheck(values.section("healthCheck"), at: "\(path).healthCheck")
    }

    private mutating func readServers(_ texts: [String], url: OriginURL, at path: String) {
        servers = texts.isEmpty ? [.init(host: url.host, port: url.port)] : []
        for (index, text) in texts.enumerated() {
            guard let server = OriginURL(server: text, of: url) else {
                refuse("\(path)[\(index)]", "\"\(text)\" is not HOST or HOST:PORT")
                continue
            }
            let new = OriginSettings.Server(host: server.host, port: server.port)
            if servers.contains(new) { refuse("\(path)[\(index)]", "\"\(text)\" is given twice") }
            servers.append(new)
        }
        if servers.count > Self.mostServers {
            refuse(path, "has \(servers.count) servers, allowed are at most \(Self.mostServers)")
        }
    }

    private static let mostServers = 64

    private mutating func readPolicy(ejection: Configuration, check: Configuration) {
        healthPolicy.failuresToEject = ejection.integer("failures")
        healthPolicy.ejection = UInt64(ejection.integer("seconds")) * Self.nanoseconds
        healthPolicy.longestEjection = max(
            healthPolicy.ejection, UInt64(ejection.integer("longestSeconds")) * Self.nanoseconds)
        healthPolicy.checksToFail = check.integer("unhealthyThreshold")
        healthPolicy.checksToRecover = check.integer("healthyThreshold")
    }

    private mutating func readCheck(_ values: Configuration, at path: String) {
        guard let target = values.optionalText("path") else { return }
        if !target.hasPrefix("/") || target.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
            refuse("\(path).path", "\"\(target)\" must begin with a slash and have no blanks")
        }
        let statuses = values.integers("statuses")
        if statuses.isEmpty { refuse("\(path).statuses", "needs at least one status") }
        healthCheck = HealthCheck(
            path: target, interval: .seconds(values.integer("intervalSeconds")),
            timeout: .seconds(values.integer("timeoutSeconds")), statuses: Set(statuses))
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}

extension OriginURL {
    /// A server behind `url`: `HOST` or `HOST:PORT`, IPv6 in brackets.
    init?(server text: String, of url: OriginURL) {
        let hasPort = text.hasPrefix("[") ? text.contains("]:") : text.contains(":")
        let scheme = url.usesTLS ? "https" : "http"
        if text.contains("/") { return nil }
        self.init("\(scheme)://\(text)\(hasPort ? "" : ":\(url.port)")")
    }
}
