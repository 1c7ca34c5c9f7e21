import AccessSigning
import Bytes
public import Configuration
import Crypto
import HTTP2
import JSON
import SegmentStore
import Telemetry
import Tracing

/// How settings reach the outside world while they are read; the program hands it in, so that reading is testable.
public struct SettingsSources {
    let readFile: (String) throws -> [UInt8]
    let resolve: (SecretSource) throws -> String
    /// Folder to which relative paths of the document refer; empty for the working directory.
    let folder: String

    /// - Parameters:
    ///   - folder: where the configuration file stands.
    ///   - readFile: reads a whole file.
    ///   - resolve: fetches a secret.
    public init(
        folder: String, readFile: @escaping (String) throws -> [UInt8],
        resolve: @escaping (SecretSource) throws -> String
    ) {
        self.folder = folder
        self.readFile = readFile
        self.resolve = resolve
    }

    func path(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
    }
}

extension EdgeSettings {
    /// Reads the files and secrets a validated document names, and checks what its parts say about each other.
    ///
    /// - Throws: every problem found, each at its JSON path; those of the distribution document begin with its file name.
    public init(_ values: Configuration, sources: SettingsSources) throws(ConfigurationRefused) {
        var reading = SettingsReading(values: values, sources: sources)
        let settings = reading.settings()
        guard reading.problems.isEmpty, let settings else { throw ConfigurationRefused(reading.problems) }
        self = settings
    }
}

/// One pass over the document that collects every problem.
private struct SettingsReading {
    let values: Configuration
    let sources: SettingsSources
    var problems: [ConfigurationProblem] = []
    var warnings: [ConfigurationProblem] = []

    mutating func settings() -> EdgeSettings? {
        let http = values.section("http").optionalText("listen")
        var tls = TLSListenerReading(sources: sources)
        let https = tls.settings(values.section("https"))
        problems += tls.problems
        if http == nil, https == nil, values.section("https").optionalText("listen") == nil {
            refuse("$.http.listen", "an edge needs http.listen or https.listen")
        }
        let token = secret(values.section("admin"), "token", at: "$.admin.token")
        if let token, token.utf8.count < 16 {
            refuse("$.admin.token", "has \(token.utf8.count) characters, allowed are 16 and more")
        }
        let traces = traces(values.section("telemetry"))
        let content = content()
        let cache = values.section("cache")
        let shards = cache.integer("shards")
        if shards & (shards - 1) != 0 {
            refuse("$.cache.shards", "is \(shards), allowed are 0, 1, 2, 4, 8, 16, 32 and 64")
        }
        let logs = logs()
        guard let content, let token else { return nil }
        return EdgeSettings(
            httpListen: http, https: https, adminListen: values.section("admin").text("listen"), adminToken: token,
            cacheDirectory: sources.path(cache.text("directory")),
            cacheCapacityBytes: cache.integer("capacityMebibytes") << 20,
            cacheShards: shards == 0 ? nil : shards,
            cacheReserveBytes: cache.integer("reserveMebibytes") << 20,
            cacheProbationShare: cache.integer("probationPercent"),
            cacheReadThreads: cache.integer("readThreads"),
            cacheRecordBytes: cache.integer("recordMebibytes") << 20,
            objectBytes: cache.integer("objectMebibytes") << 20, loops: values.integer("loops"),
            fills: .init(values.section("fills")), limits: .init(values.section("limits")),
            timeouts: .init(values.section("timeouts")),
            http2: HTTP2Limits(values.section("http2")),
            upgrade: .init(values.section("upgrade")),
            logLevel: values.section("log").text("level"), logDestination: logs.process,
            accessLog: logs.access, traces: traces, warnings: warnings, content: content, document: values)
    }

    private mutating func logs() -> (process: LogDestination, access: AccessLogSettings?) {
        let process = LogDestinationReading(values.section("log"), at: "$.log", sources: sources)
        let access = AccessLogReading(
            values.section("accessLog"), process: process.destination, sources: sources)
        problems += process.problems + access.problems
        return (process.destination, values.section("log").boolean("access") ? access.settings : nil)
    }

    private mutating func content() -> EdgeContent? {
        var keyGroups: [String: [TrustedKey]] = [:]
        for (name, group) in values.map("keyGroups") { keyGroups[name] = keys(group, at: "$.keyGroups.\(name)") }
        let control = control(values.section("control"))
        let followsOrigin = values.section("control").optionalText("url") != nil
        let reading = DistributionsReading(values, sources: sources)
        problems += reading.problems
        guard !reading.distributions.isEmpty else { return nil }
        var origins: [String: OriginSettings] = [:]
        var names: [String] = []
        for (index, distribution) in reading.distributions.enumerated() {
            for declaration in distribution.origins {
                let name = distribution.originName(declaration.id, isDefault: index == 0)
                names.append(name)
                origins[name] = origin(declaration, name: name)
            }
            for behavior in distribution.allBehaviors {
                for group in behavior.trustedKeyGroups where keyGroups[group] == nil && !followsOrigin {
                    refuse(
                        "$.keyGroups",
                        "lacks \"\(group)\", which the behavior \(behavior.name) trusts, and no control.url says where to learn "
                            + "its keys")
                }
            }
        }
        refuseStrangers(
            values.map("origins").map(\.name), known: names, at: "$.origins",
            reason: "is not an origin of \(reading.files.joined(separator: ", "))")
        var countries = CountryDatabaseReading(values.section("geo"), sources: sources)
        countries.require(for: reading.distributions.flatMap(\.allBehaviors))
        problems += countries.problems
        let content = EdgeContent(
            distributions: reading.distributions, refusesUnknownHosts: values.text("unknownHosts") == "refuse",
            origins: origins, keyGroups: keyGroups, control: control,
            countries: countries.database)
        warnings = content.warnings(files: reading.files)
        return content
    }

    private mutating func traces(_ section: Configuration) -> TraceSettings? {
        do {
            return try TraceSettings(section, resolve: sources.resolve)
        } catch {
            refuse("$.telemetry.\(error.key)", error.message)
            return nil
        }
    }

    private mutating func control(_ section: Configuration) -> ControlSettings? {
        guard let text = section.optionalText("url") else { return nil }
        guard let url = OriginURL(text) else {
            refuse("$.control.url", "\"\(text)\" is not http:// or https:// with a host and optionally a port")
            return nil
        }
        let name = section.optionalText("edgeId") ?? ""
        if !ASCII.isName(name) {
            refuse("$.control.edgeId", "\"\(name)\" is not 1 to 64 letters, digits, '-', '_' and '.'")
        }
        guard let key = section.optionalText("accessKeyId") else {
            refuse("$.control.accessKeyId", "is required: the origin answers only edges that sign")
            return nil
        }
        guard let secret = secret(section, "secretAccessKey", at: "$.control.secretAccessKey") else { return nil }
        let authorities =
            section.optionalText("caFile") == nil ? nil : file(section, "caFile", at: "$.control.caFile")
        let mediaPath = section.text("mediaPath")
        if !mediaPath.isEmpty, !mediaPath.hasPrefix("/") || !mediaPath.hasSuffix("/") {
            refuse("$.control.mediaPath", "\"\(mediaPath)\" does not begin and end with a slash")
        }
        return ControlSettings(
            url: url, edgeId: name, certificateAuthorities: authorities,
            credentials: SigV4Credentials(
                accessKeyId: key, secretAccessKey: secret, region: section.text("region"),
                service: ControlSettings.service), mediaPath: mediaPath)
    }

    private mutating func origin(_ declaration: OriginDeclaration, name: String) -> OriginSettings? {
        let path = "$.origins.\(name)"
        let override = values.map("origins").first { $0.name == name }?.value
        let scheme = declaration.usesTLS ? "https" : "http"
        let text = override?.optionalText("url") ?? "\(scheme)://\(declaration.domainName)"
        guard let url = OriginURL(text) else {
            refuse("\(path).url", "\"\(text)\" is not http:// or https:// with a host and optionally a port")
            return nil
        }
        var originPath = override?.optionalText("path") ?? declaration.path
        if originPath.hasSuffix("/") { originPath.removeLast() }
        if !originPath.isEmpty, !originPath.hasPrefix("/") {
            refuse("\(path).path", "\"\(originPath)\" must begin with a slash")
        }
        let authorities = override.flatMap { values in
            values.optionalText("caFile") == nil ? nil : file(values, "caFile", at: "\(path).caFile")
        }
        let upstream = OriginUpstreamReading(override, url: url, at: path)
        problems += upstream.problems
        return OriginSettings(
            name: name, host: url.host, port: url.port, usesTLS: url.usesTLS, certificateAuthorities: authorities,
            path: originPath,
            credentials: declaration.signsRequests ? credentials(override, at: "\(path).sigv4") : nil,
            declaration: declaration, servers: upstream.servers, balancing: upstream.balancing,
            retryRatio: upstream.retryRatio, healthPolicy: upstream.healthPolicy, healthCheck: upstream.healthCheck)
    }

    private mutating func credentials(_ origin: Configuration?, at path: String) -> OriginSettings.Credentials? {
        guard let section = origin?.section("sigv4"), let id = section.optionalText("accessKeyId") else {
            refuse("\(path).accessKeyId", "is required: the distribution signs requests to this origin")
            return nil
        }
        guard let key = secret(section, "secretAccessKey", at: "\(path).secretAccessKey") else { return nil }
        return .init(
            accessKeyId: id, secretAccessKey: key, region: section.text("region"), service: section.text("service"))
    }

    private mutating func keys(_ group: Configuration, at path: String) -> [TrustedKey] {
        let entries = group.list("keys")
        if entries.isEmpty || entries.count > 5 {
            refuse("\(path).keys", "has \(entries.count) keys, allowed are 1…5")
        }
        var keys: [TrustedKey] = []
        for (index, entry) in entries.enumerated() {
            let place = "\(path).keys[\(index)].file"
            guard let pem = file(entry, "file", at: place) else { continue }
            do {
                _ = try PublicKey(pem: pem)
                keys.append(TrustedKey(id: entry.text("id"), pem: pem))
            } catch {
                refuse(place, "\(sources.path(entry.text("file"))) holds no usable public key: \(error)")
            }
        }
        return keys
    }

    private mutating func file(_ values: Configuration, _ key: String, at path: String) -> String? {
        guard let name = values.optionalText(key) else {
            refuse(path, "is required here")
            return nil
        }
        do {
            return String(decoding: try sources.readFile(sources.path(name)), as: UTF8.self)
        } catch {
            refuse(path, "\(error)")
            return nil
        }
    }

    private mutating func secret(_ values: Configuration, _ key: String, at path: String) -> String? {
        guard let source = values.secret(key) else {
            refuse(path, "is required here")
            return nil
        }
        do {
            if case .file(let name) = source { return try sources.resolve(.file(sources.path(name))) }
            return try sources.resolve(source)
        } catch {
            refuse(path, "\(error)")
            return nil
        }
    }

    private mutating func refuseStrangers(_ names: [String], known: [String], at path: String, reason: String) {
        for name in names where !known.contains(name) {
            let advice = NearestName.of(name, among: known).map { "; did you mean \"\($0)\"?" }
            refuse("\(path).\(name)", "\(reason)\(advice ?? "")")
        }
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(ConfigurationProblem(path: path, message: message))
    }
}

/// `http(s)://host[:port]`, with or without a last slash; IPv6 addresses stand in brackets.
struct OriginURL: Equatable {
    let usesTLS: Bool
    let host: String
    let port: UInt16

    init?(_ text: String) {
        var rest: Substring
        if text.hasPrefix("https://") {
            usesTLS = true
            rest = text.dropFirst(8)
        } else if text.hasPrefix("http://") {
            usesTLS = false
            rest = text.dropFirst(7)
        } else {
            return nil
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains(where: { "/?#@ ".contains($0) }) else { return nil }
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            rest = rest[rest.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<end])
            rest = rest[end...]
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty {
            port = usesTLS ? 443 : 80
        } else if let number = UInt16(rest.dropFirst()), number > 0 {
            port = number
        } else {
            return nil
        }
    }
}
